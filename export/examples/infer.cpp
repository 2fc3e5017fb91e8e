// Reconstruct images with this bundle; needs a C++17 compiler and OpenVINO, which reads .onnx files as they are.
//
//   pip install openvino
//   ov=$(python -c "import openvino; print(openvino.__path__[0])")
//   g++ -std=c++17 -O2 infer.cpp -o infer -I"$ov/include" "$ov"/libs/libopenvino.so.* -Wl,-rpath,"$ov/libs"
//   ./infer ..               the bundle's folder: its own test images
//   ./infer .. images.npy    your own: [n, channels, height, width] (or [n, height, width]),
//                            uint8, or float32 in [0, 1]

#include <openvino/openvino.hpp>

#include <cstdint>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <iostream>
#include <iterator>
#include <regex>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

struct Images {
    ov::Shape shape;
    std::vector<float> values;
};

std::string read_file(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    if (!file) throw std::runtime_error("cannot read " + path);
    return {std::istreambuf_iterator<char>(file), {}};
}

// A test vector: a protobuf message, of which the shape (field 1) and the raw float32 numbers (field 9) matter.
Images read_tensor(const std::string& message) {
    Images images;
    size_t at = 0;
    auto varint = [&] {
        uint64_t value = 0;
        for (int shift = 0;; shift += 7) {
            auto byte = static_cast<unsigned char>(message.at(at++));
            value |= static_cast<uint64_t>(byte & 127) << shift;
            if (byte < 128) return value;
        }
    };
    while (at < message.size()) {
        uint64_t key = varint(), value = varint();  // value: a number, or the length of the bytes that follow
        if (key == (1 << 3 | 0)) images.shape.push_back(value);
        if (key == (9 << 3 | 2)) {
            images.values.resize(value / sizeof(float));
            std::memcpy(images.values.data(), message.substr(at, value).data(), value);
        }
        if (key % 8 == 2) at += value;
    }
    return images;
}

// A file of numpy.save: six bytes that say so, the version, the length of a header like
// {'descr': '<f4', 'fortran_order': False, 'shape': (3, 1, 28, 28), }, the header, the numbers.
Images read_npy(const std::string& file) {
    auto byte = [&](size_t at) { return static_cast<size_t>(static_cast<unsigned char>(file.at(at))); };
    size_t start = byte(6) == 1 ? 10 + byte(8) + 256 * byte(9)
                                : 12 + byte(8) + 256 * byte(9) + 65536 * byte(10);
    std::string header = file.substr(10, start - 10);
    std::smatch kind, sizes;
    if (file.substr(1, 5) != "NUMPY" || !std::regex_search(header, kind, std::regex("'descr': '[<|]?(f4|u1)'")) ||
        !std::regex_search(header, sizes, std::regex("'shape': \\(([0-9, ]*)\\)")) ||
        header.find("'fortran_order': True") != std::string::npos)
        throw std::runtime_error("not an array of uint8 or float32 in C order, as numpy.save writes it");
    Images images;
    std::string list = std::regex_replace(sizes[1].str(), std::regex(","), " ");
    std::istringstream numbers(list);
    for (size_t size; numbers >> size;) images.shape.push_back(size);
    images.values.resize(ov::shape_size(images.shape));
    if (file.size() - start < images.values.size() * (kind[1] == "u1" ? 1 : sizeof(float)))
        throw std::runtime_error("the array is cut short");
    for (size_t i = 0; i < images.values.size(); ++i)
        if (kind[1] == "u1")  // the graphs take float32 in [0, 1]; whatever else they need, they do themselves
            images.values[i] = static_cast<float>(byte(start + i)) / 255;
        else
            std::memcpy(&images.values[i], &file[start + i * sizeof(float)], sizeof(float));
    return images;
}

std::string text(const ov::Shape& shape) {
    std::string result;
    for (size_t size : shape) result += (result.empty() ? "" : ", ") + std::to_string(size);
    return "[" + result + "]";
}

int main(int count, char** arguments) try {
    std::string bundle = count > 1 ? arguments[1] : "..";
    Images images = count > 2 ? read_npy(read_file(arguments[2]))
                              : read_tensor(read_file(bundle + "/test_data_set_0/encoder/input_0.pb"));
    ov::Core core;
    // OpenVINO computes in half precision where the processor is good at it; here the answers are to be comparable.
    ov::AnyMap settings{ov::hint::inference_precision(ov::element::f32)};
    auto encoder_model = core.read_model(bundle + "/encoder.onnx");
    auto encoder = core.compile_model(encoder_model, "CPU", settings).create_infer_request();
    auto decoder = core.compile_model(bundle + "/decoder.onnx", "CPU", settings).create_infer_request();

    auto& shape = images.shape;
    if (shape.size() == 3) shape.insert(shape.begin() + 1, 1);
    if (!encoder_model->input().get_partial_shape().compatible(ov::PartialShape(shape)))
        throw std::runtime_error("images of " + text(shape) + ", the model takes " +
                                 encoder_model->input().get_partial_shape().to_string());
    encoder.set_input_tensor(ov::Tensor(ov::element::f32, shape, images.values.data()));
    encoder.infer();
    // The first head is the code. Where it is the mean of a distribution, a sample from that would be
    //   mean[i] + std::exp(log_variance[i] / 2) * noise(generator), with std::normal_distribution<float> noise;
    decoder.set_input_tensor(encoder.get_output_tensor(0));
    decoder.infer();
    ov::Tensor reconstruction = decoder.get_output_tensor();

    double sum = 0;
    for (size_t i = 0; i < images.values.size(); ++i) {
        double difference = static_cast<double>(reconstruction.data<float>()[i]) - images.values[i];
        sum += difference * difference;
    }
    for (size_t i = 0; i < encoder_model->outputs().size(); ++i) {
        std::string name = encoder_model->get_results()[i]->get_friendly_name();  // "mean/sink_port_0"
        std::cout << name.substr(0, name.find('/')) << ": " << text(encoder.get_output_tensor(i).get_shape()) << "\n";
    }
    char error[32];
    std::snprintf(error, sizeof error, "%.6f", sum / static_cast<double>(images.values.size()));
    std::cout << "reconstruction: " << text(reconstruction.get_shape()) << ", mean squared error per pixel " << error
              << "\n";
    return 0;
} catch (const std::exception& error) {
    std::cerr << error.what() << "\n";
    return 1;
}

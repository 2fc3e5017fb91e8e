"""An encoder and a decoder → a verified ONNX bundle; and the torch-free ways to open one."""

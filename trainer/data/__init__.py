"""Data sets → arrays. numpy only; scikit-learn, Pillow and pooch are imported when they are used."""

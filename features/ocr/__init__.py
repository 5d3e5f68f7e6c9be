"""The words in a picture, read by Tesseract."""

"""The words in a picture, and the engines that read them."""

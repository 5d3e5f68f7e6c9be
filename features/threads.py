"""One thread for each process where there is a process for every core already."""

import cv2
from threadpoolctl import threadpool_limits


def stay_single() -> None:
    """Have OpenCV, and what multiplies matrices for it and for numpy, use one thread from now on.

    OpenBLAS would start a thread per core in every process, and those wait by spinning: on two
    cores a sweep went at 3 instead of 7.5 pictures a second. It counts for libraries that are
    loaded by now.
    """
    cv2.setNumThreads(1)
    threadpool_limits(1)

"""Samples of the findings about what is in the folder, and near misses."""

from __future__ import annotations

import os

from meta_tests.existing.sample_edits import (
    Sample,
    deep,
    link_to,
    long_path,
    many_files,
    open_socket,
    put,
    set_key,
)
from mlflow_conformance.existing import folder as listing

FOLDER = (
    Sample(
        "a link to a file outside",
        "unsafe",
        "a link leads out of the folder",
        after=link_to("notes", "/etc/hostname"),
    ),
    Sample(
        "a link to a folder outside",
        "unsafe",
        "a link leads out of the folder",
        after=link_to("data", "/etc"),
    ),
    Sample(
        "a relative link outside",
        "unsafe",
        "a link leads out of the folder",
        after=link_to("data", "../.."),
    ),
    Sample(
        "MLmodel is a link outside",
        "unsafe",
        "a link leads out of the folder",
        after=link_to("MLmodel", "/etc/hostname"),
    ),
    Sample(
        "a link in a circle",
        "unsafe",
        "a link leads back to a folder that it is in",
        after=link_to("again", "."),
    ),
    Sample("a link to itself", "damaged", "a link leads to nothing", after=link_to("me", "me")),
    Sample("a broken link", "damaged", "a link leads to nothing", after=link_to("gone", "nothing")),
    Sample(
        "a FIFO",
        "unsafe",
        "a FIFO, a socket or a device is in the folder",
        after=lambda folder: os.mkfifo(folder / "pipe"),
    ),
    Sample(
        "a socket", "unsafe", "a FIFO, a socket or a device is in the folder", after=open_socket
    ),
    Sample(
        "deep folders", "doubtful", f"folders are nested deeper than {listing.DEEPEST}", after=deep
    ),
    Sample(
        "a path that is too long",
        "damaged",
        "a folder cannot be listed: File name too long",
        after=long_path,
    ),
    Sample(
        "many files",
        "doubtful",
        f"has more than {listing.MOST_FILES} files: not all were looked at",
        after=many_files(listing.MOST_FILES),
    ),
    Sample("a link to a file inside", "sound", after=link_to("copy.pkl", "model.pkl")),
    Sample(
        "a link to a folder inside",
        "sound",
        edit=lambda model: (
            set_key("flavors.sklearn.code", "code")(model),
            put("source/a.py", "")(model),
        ),
        after=link_to("code", "source"),
    ),
    Sample("many, but not too many files", "sound", after=many_files(200)),
)

"""A saved price list: where it says that it is from."""

import pytest

from smcost.read.price_list_file import read_price_list


def test_a_file_name_that_is_no_utf_8_is_written_out(write_products):
    path = write_products("plain.json", ("us-east-1", "ml.m5.xlarge", "Hosting", "0.21"))
    odd = path.with_name("p\udcff.json")
    try:
        path.rename(odd)
    except OSError as error:
        pytest.skip(f"this file system has no such names: {error}")
    [listing] = read_price_list(odd)
    assert listing.source == "AWS Price List, file p\\udcff.json"

"""What browsers are sent is what was pinned, under addresses that change with the content."""

from hashlib import sha256
from pathlib import Path

import pytest

from console.assets import LIBRARIES, SOURCES, AssetIsNotWhatWasPinned, Source, read_assets


@pytest.mark.parametrize("name", SOURCES)
def test_each_asset_exists_and_is_the_pinned_one(name: str) -> None:
    source = SOURCES[name]

    digest = sha256(source.path.read_bytes()).hexdigest()

    assert digest[:16] in read_assets()[name].address
    if source.path.is_relative_to(LIBRARIES):
        assert digest == source.sha256


def test_an_asset_that_differs_from_its_pin_is_not_served(tmp_path: Path) -> None:
    file = tmp_path / "library.js"
    file.write_text("alert(1)")

    with pytest.raises(AssetIsNotWhatWasPinned, match="锁定"):
        read_assets({"library.js": Source(path=file, media_type="text/javascript", sha256="0" * 64)})


def test_a_missing_asset_says_how_to_get_it(tmp_path: Path) -> None:
    with pytest.raises(AssetIsNotWhatWasPinned, match=r"\./dev sync"):
        read_assets({"library.js": Source(path=tmp_path / "none.js", media_type="text/javascript")})

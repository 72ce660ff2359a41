"""Files of the catalog: one that is valid, and each way in which one of `cart` can be wrong."""

VALID = b"""\
name: shop
owner: platform
summary: ''
blueprint: small
repos: {code: {name: shop-code, url: 'https://git.example.com/shop-code.git'}}
"""
_CART = VALID.replace(b"shop", b"cart")

# Name of the fault -> the file, and what is said of it.
INVALID = {
    "malformed": (b"name: [cart\n", "is not valid YAML"),
    "conflict markers": (b"<<<<<<< mine\n" + _CART, "is not valid YAML"),
    "empty": (b"", "is empty"),
    "a list": (b"- cart\n", "is not a mapping"),
    "a key missing": (_CART.replace(b"owner: platform\n", b""), "`owner`: is missing"),
    "a key too many": (_CART + b"ownr: x\n", "did you mean `owner`?"),
    "a key twice": (_CART + b"name: cart\n", "`name` is there twice"),
    "a wrong value": (_CART + b"state: gone\n", "`state`"),
    "no repos": (_CART[: _CART.index(b"repos")] + b"repos: {}\n", "`repos`"),
    "another name": (VALID, "its name is `shop`, the file's is `cart`"),
    "not text": (b"\xff\xfe\x00", "is not UTF-8 text"),
}

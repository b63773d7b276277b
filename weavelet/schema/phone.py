"""Phone numbers: what a caller writes, expanded by libphonenumber into what is kept."""

from collections.abc import Mapping
from typing import Any, Final

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumberFormat

_PROBLEMS: Final = {
    NumberParseException.INVALID_COUNTRY_CODE: (
        "invalid or missing defaultCountry - this field is optional if the specified number is in the international "
        "format, but required if the number is in national format, use ISO 3166-1 alpha-2"
    ),
    NumberParseException.NOT_A_NUMBER: "the phone number supplied is not a number",
    NumberParseException.TOO_SHORT_AFTER_IDD: (
        "phone number had an IDD, but after this was not long enough to be a viable phone number"
    ),
    NumberParseException.TOO_SHORT_NSN: "the string supplied is too short to be a phone number",
    NumberParseException.TOO_LONG: "the string supplied is too long to be a phone number",
}


def expanded_phone(written: Mapping[str, Any]) -> dict[str, Any]:
    """`{input, defaultCountry?}` with the number's parts and both of its formats.

    A number that is not in use is kept, with `valid` false. Raises ValueError with the reason.
    """
    if "input" not in written:
        raise ValueError("phoneNumber is missing required field 'input'")
    number, country = written["input"], written.get("defaultCountry") or ""
    if not isinstance(number, str):
        raise ValueError("phoneNumber.input must be a string")
    if not isinstance(country, str):
        raise ValueError("phoneNumber.defaultCountry must be a string")
    return _expanded(number, country)


def _expanded(number: str, country: str) -> dict[str, Any]:
    try:
        parsed = phonenumbers.parse(number, country.upper() or None)
    except NumberParseException as error:
        raise ValueError(f"invalid phone number: {_PROBLEMS.get(error.error_type, str(error))}") from None
    expanded: dict[str, Any] = {"countryCode": parsed.country_code}
    if country:
        expanded["defaultCountry"] = country
    return expanded | {
        "input": number,
        "internationalFormatted": phonenumbers.format_number(parsed, PhoneNumberFormat.INTERNATIONAL),
        "national": parsed.national_number,
        "nationalFormatted": phonenumbers.format_number(parsed, PhoneNumberFormat.NATIONAL),
        "valid": phonenumbers.is_valid_number(parsed),
    }

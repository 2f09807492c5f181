"""Write data/pools.txt: names, jobs, companies, places and sentences of some 60 Faker locales, for training tables.

    pip install faker==40.63.0
    python backend/training/pools/make_pools.py [--out backend/training/data/pools.txt]

Lines are `locale|kind|value<TAB>value...`, locales and kinds sorted, LF, UTF-8. The same Faker gives the same file.
A kind which a locale does not localize (Faker would answer in American English) is left out.
"""
import argparse
import os
import re
import sys
import unicodedata
from pathlib import Path

import faker
from faker import Faker

VERSION = "40.63.0"
LOCALES = """ar_AA ar_EG ar_SA az_AZ bg_BG bn_BD bs_BA cs_CZ da_DK de_AT de_CH de_DE el_GR en_AU en_CA en_GB en_IE en_IN
en_KE en_NG en_NZ en_PK en_TH en_US es_AR es_CL es_CO es_ES es_MX et_EE fa_IR fi_FI fil_PH fr_BE fr_CA fr_CH fr_FR ga_IE
gu_IN ha_NG he_IL hi_IN hr_HR hu_HU hy_AM id_ID ig_NG is_IS it_IT ja_JP ka_GE ko_KR lt_LT lv_LV ne_NP nl_BE nl_NL no_NO
or_IN pl_PL pt_BR pt_PT ro_RO ru_RU sk_SK sl_SI sq_AL sv_SE sw ta_IN th_TH tr_TR uk_UA uz_UZ vi_VN yo_NG zh_CN zh_TW
zu_ZA""".split()
# kind: (Faker provider, generator methods to try in turn, values to keep). The first method that works is used.
KINDS = {
    "given": ("person", ["first_name"], 160),
    "surname": ("person", ["last_name"], 160),
    "given_kana": ("person", ["first_kana_name"], 160),
    "surname_kana": ("person", ["last_kana_name"], 160),
    "given_roman": ("person", ["first_romanized_name", "romanized_first_name"], 120),
    "surname_roman": ("person", ["last_romanized_name", "romanized_last_name"], 120),
    "job": ("job", ["job"], 60),
    "company": ("company", ["company"], 40),
    "city": ("address", ["city"], 60),
    "street": ("address", ["street_address", "street_name"], 25),
    "state": ("address", ["state", "administrative_unit", "province", "region", "prefecture", "county",
                          "department_name", "canton_name", "voivodeship", "regency"], 30),
    "country": ("address", ["country"], 30),
    "postal": ("address", ["postcode"], 12),
    "month": ("date_time", ["month_name"], 12),
    "word_text": ("lorem", ["sentence"], 15),
}
# First words of a name that are a form of address, not a name.
PREFIX = re.compile(
    r"(?:(?:mr|mrs|ms|miss|mx|dr|prof|herr|frau|hr|fr|sr|sra|srta|dott|sig|ing|mgr|bc|mudr|judr|dhr|mevr|pan|pani"
    r"|doña|don|shri|smt|bapak|ibu|haji|hajah)\.?|г-н|г-жа|السيد|السيدة|الآنسة|الدكتور|الأستاذ|المهندس"
    r"|นางสาว|นาย|นาง|คุณ)\s+",
    re.I,
)
FIXES = {"decembder": "december"}  # slips of Faker's lists


def values(fake: Faker, method: str, keep: int) -> list[str]:
    """Up to `keep` different values of a generator method, in the order drawn."""
    try:
        function = getattr(fake, method)
    except AttributeError:
        return []
    found: dict[str, None] = {}
    for _ in range(keep * 12):
        value = unicodedata.normalize("NFC", " ".join(str(function()).split()))
        value = FIXES.get(value, value)
        if method.endswith("name") and "kana" not in method:
            value = PREFIX.sub("", value)
        if value and "|" not in value and not value.startswith("قبيلة"):  # no names of tribes
            found[value] = None
        if len(found) >= keep:
            break
    return list(found)


def lines_of(locale: str, american: dict[str, set[str]]) -> list[str]:
    """The lines of one locale. Words that mostly equal those of `american` are not localized and left out."""
    fake = Faker(locale)
    providers = fake.factories[0].providers
    own = {p.__provider__.rsplit(".", 1)[-1]: p.__lang__ for p in providers if getattr(p, "__lang__", None)}
    lines = []
    for kind, (provider, methods, keep) in sorted(KINDS.items()):
        if own.get(provider, "en_US") != locale:
            continue
        if kind == "street" and locale == "ja_JP":
            methods = ["address"]  # its street_address is half English
        for number, method in enumerate(methods):
            fake.seed_instance(f"{locale} {kind} {number}")
            found = values(fake, method, keep)
            if found:
                break
        if not found or (len(found) < 3 and kind != "month"):
            continue
        known = american.get(kind, set())
        if not locale.startswith("en_") and sum(v in known for v in found) > len(found) / 2:
            continue
        if kind == "month":
            found.sort()  # drawn from dates up to today
        lines.append(f"{locale}|{kind}|" + "\t".join(found))
    return lines


def main() -> None:
    """Collect every locale and write the file."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=Path(__file__).parent.parent / "data" / "pools.txt")
    arguments = parser.parse_args()
    if os.environ.get("PYTHONHASHSEED") != "0":  # some of Faker's lists are made of sets
        os.execve(sys.executable, [sys.executable, *sys.argv], {**os.environ, "PYTHONHASHSEED": "0"})
    if faker.VERSION != VERSION:
        parser.error(f"needs faker=={VERSION}, found {faker.VERSION}")
    base = Faker("en_US")
    base.seed_instance(0)
    american = {kind: set(values(base, methods[0], 1000)) for kind, (_, methods, _) in KINDS.items()
                if kind in ("country", "month", "job", "given", "surname")}
    lines = [line for locale in sorted(LOCALES) for line in lines_of(locale, american)]
    arguments.out.write_text("\n".join(lines) + "\n", encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()

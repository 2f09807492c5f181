//! Bytes to text: which encoding a file is in, and how to decode it without damaging what is right.

use std::borrow::Cow;

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{
    Encoding, ISO_2022_JP, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1250, WINDOWS_1252, WINDOWS_1254, WINDOWS_1257,
};

use super::{ReadError, ReadWarning};

mod plausible;

/// How many bytes the detector looks at. Beyond that the guess hardly changes.
const SAMPLE_BYTES: usize = 256 * 1024;

/// The text of a file.
pub(super) struct Decoded<'a> {
    pub(super) text: Cow<'a, str>,
    pub(super) warning: Option<ReadWarning>,
}

/// Decodes a file that is not known to be binary.
///
/// # Errors
/// When it is binary after all.
pub(super) fn decode(bytes: &[u8]) -> Result<Decoded<'_>, ReadError> {
    if let Some((encoding, bom_bytes)) = Encoding::for_bom(bytes) {
        let body = &bytes[bom_bytes..];
        return if encoding == UTF_8 { decode_without_bom(body) } else { Ok(decode_with(encoding, body)) };
    }
    decode_without_bom(bytes)
}

fn decode_without_bom(bytes: &[u8]) -> Result<Decoded<'_>, ReadError> {
    if let Some(encoding) = utf16_without_bom(bytes) {
        return Ok(decode_with(encoding, bytes));
    }
    refuse_binary(bytes)?;
    if let Some(decoded) = escaped_japanese(bytes) {
        return Ok(decoded);
    }
    let valid_bytes = match std::str::from_utf8(bytes) {
        Ok(text) => return Ok(Decoded { text: Cow::Borrowed(text), warning: None }),
        Err(error) => error.valid_up_to(),
    };
    if is_mostly_utf8(bytes) {
        return Ok(repair_utf8(bytes));
    }
    // The detector needs to see the part with the non-ASCII bytes.
    let start = valid_bytes.saturating_sub(4096);
    let sample = &bytes[start..bytes.len().min(start + SAMPLE_BYTES)];
    Ok(decode_with(guess(sample), bytes))
}

/// ISO-2022-JP, as Japanese email programs write it, is ASCII with escape sequences.
fn escaped_japanese(bytes: &[u8]) -> Option<Decoded<'_>> {
    let begins = |set: &[u8]| memchr::memmem::find(bytes, set).is_some();
    if memchr::memchr(0x1b, bytes).is_none() || !(begins(b"\x1b$B") || begins(b"\x1b$@")) || !bytes.is_ascii()
    {
        return None;
    }
    let (text, had_errors) = ISO_2022_JP.decode_without_bom_handling(bytes);
    (!had_errors).then_some(Decoded { text, warning: None })
}

fn decode_with<'a>(encoding: &'static Encoding, bytes: &'a [u8]) -> Decoded<'a> {
    let (text, had_errors) = encoding.decode_without_bom_handling(bytes);
    Decoded { text, warning: had_errors.then(undecodable) }
}

fn undecodable() -> ReadWarning {
    ReadWarning {
        code: "UNDECODABLE_BYTES_REPLACED",
        message: "Some characters could not be decoded and were replaced. Save the file as UTF-8 if text looks wrong."
            .to_owned(),
    }
}

/// UTF-16 without a byte order mark shows in its zero bytes: tables are full of ASCII line ends, digits and delimiters,
/// whatever the script.
fn utf16_without_bom(bytes: &[u8]) -> Option<&'static Encoding> {
    let sample = &bytes[..bytes.len().min(65_536) & !1];
    if sample.len() < 4 || memchr::memchr(0, sample).is_none() {
        return None;
    }
    let pairs = sample.len() / 2;
    let even = sample.iter().step_by(2).filter(|byte| **byte == 0).count();
    let odd = sample.iter().skip(1).step_by(2).filter(|byte| **byte == 0).count();
    let (encoding, zeros, others) = if odd > even { (UTF_16LE, odd, even) } else { (UTF_16BE, even, odd) };
    (zeros * 10 >= pairs && others * 20 <= zeros && !encoding.decode_without_bom_handling(sample).1)
        .then_some(encoding)
}

fn refuse_binary(bytes: &[u8]) -> Result<(), ReadError> {
    let sample = &bytes[..bytes.len().min(65_536)];
    let zeros = memchr::memchr_iter(0, sample).count();
    let controls = sample
        .iter()
        .filter(|byte| {
            **byte < 0x20 && !matches!(**byte, 0 | b'\t' | b'\n' | b'\r' | 0x0b | 0x0c | 0x1a | 0x1b)
        })
        .count();
    if zeros * 100 > sample.len() || controls * 20 > sample.len() {
        return Err(ReadError::UnsupportedFileType { found: "a file of an unknown kind" });
    }
    Ok(())
}

/// Whether there are many well-formed multi-byte characters and few bad bytes. Text in another encoding hardly ever
/// forms one by chance, and never that many.
fn is_mostly_utf8(bytes: &[u8]) -> bool {
    let mut good = 0;
    let mut bad = 0;
    for chunk in bytes.utf8_chunks() {
        good += chunk.valid().bytes().filter(|byte| *byte >= 0xC0).count();
        bad += usize::from(!chunk.invalid().is_empty());
    }
    good > 0 && good >= bad * 4
}

/// Keeps what is UTF-8 and decodes the bytes in between as windows-1252, where lone bad bytes come from.
fn repair_utf8(bytes: &[u8]) -> Decoded<'_> {
    let mut text = String::with_capacity(bytes.len() + 64);
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        text.push_str(&WINDOWS_1252.decode_without_bom_handling(chunk.invalid()).0);
    }
    Decoded { text: Cow::Owned(text), warning: Some(undecodable()) }
}

fn guess(sample: &[u8]) -> &'static Encoding {
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Allow);
    detector.feed(sample, true);
    let guess = detector.guess(None, Utf8Detection::Deny);
    if !is_sprinkled(sample) {
        return if guess.is_single_byte() { plausible::better_than(guess, false, sample) } else { guess };
    }
    // Latin text: single accented letters between plain ones. A multi-byte or Cyrillic guess is a mistake there, and a
    // handful of letters is too little to distinguish Warsaw from Paris unless only one of the encodings yields
    // letters.
    let latin = [WINDOWS_1250, WINDOWS_1254, WINDOWS_1257, encoding_rs::WINDOWS_1258];
    let is_latin = latin.contains(&guess) || guess.name().starts_with("ISO-8859-") && latin_iso(guess);
    let guess = if is_latin && !is_plain_western(sample) { guess } else { WINDOWS_1252 };
    plausible::better_than(guess, true, sample)
}

fn latin_iso(encoding: &'static Encoding) -> bool {
    ["ISO-8859-2", "ISO-8859-4", "ISO-8859-13", "ISO-8859-15", "ISO-8859-16"].contains(&encoding.name())
}

/// Whether non-ASCII bytes are mostly isolated, next to an ASCII letter.
fn is_sprinkled(sample: &[u8]) -> bool {
    let mut all = 0_usize;
    let mut alone = 0_usize;
    let mut run = 0_usize;
    let mut before = b' ';
    let mut touches_letter = false;
    for &byte in sample.iter().chain(b" ") {
        if byte >= 0x80 {
            if run == 0 {
                touches_letter = before.is_ascii_alphabetic();
            }
            run += 1;
        } else if run > 0 {
            all += run;
            if run == 1 && (touches_letter || byte.is_ascii_alphabetic() || before == b' ') {
                alone += 1;
            }
            run = 0;
        }
        before = byte;
    }
    alone * 10 >= all * 8
}

/// Whether all non-ASCII bytes, decoded as windows-1252, are letters and signs of Western Europe.
fn is_plain_western(sample: &[u8]) -> bool {
    const WESTERN: &str =
        "äöüÄÖÜßéèêëàâáãåæçñíìîïóòôõøœúùûýÿÉÈÊËÀÂÁÃÅÆÇÑÍÌÎÏÓÒÔÕØŒÚÙÛ‘’“”„–—…€£§°«»·¡¿ºª®©™´\u{a0}";
    let (text, _) = WINDOWS_1252.decode_without_bom_handling(sample);
    let foreign = text.chars().filter(|c| !c.is_ascii() && !WESTERN.contains(*c)).count();
    let all = text.chars().filter(|c| !c.is_ascii()).count();
    foreign == 0 || (all > 20 && foreign * 50 < all)
}

#[cfg(test)]
mod tests {
    use encoding_rs::{
        BIG5, EUC_KR, GB18030, IBM866, KOI8_R, MACINTOSH, SHIFT_JIS, WINDOWS_874, WINDOWS_1251, WINDOWS_1253,
        X_MAC_CYRILLIC,
    };

    use super::*;

    #[track_caller]
    fn check(bytes: &[u8], expected: &str) {
        match decode(bytes) {
            Ok(decoded) => assert_eq!(decoded.text, expected),
            Err(error) => panic!("{error}"),
        }
    }

    #[track_caller]
    fn check_encoded(encoding: &'static Encoding, text: &str) {
        let (bytes, _, unmappable) = encoding.encode(text);
        assert!(!unmappable, "the sample cannot be written in {}", encoding.name());
        check(&bytes, text);
    }

    fn utf16(text: &str, bytes_of: fn(u16) -> [u8; 2]) -> Vec<u8> {
        text.encode_utf16().flat_map(bytes_of).collect()
    }

    #[test]
    fn unicode() {
        check("Müller,株式会社,🙂\n".as_bytes(), "Müller,株式会社,🙂\n");
        check(b"\xef\xbb\xbfName\n", "Name\n");
        check(&utf16("\u{feff}Name,Müller\n", u16::to_le_bytes), "Name,Müller\n");
        check(&utf16("\u{feff}Name,Müller\n", u16::to_be_bytes), "Name,Müller\n");
        check(&utf16("Name,Müller\r\nA,1\r\n", u16::to_le_bytes), "Name,Müller\r\nA,1\r\n");
        check(&utf16("Name,株式会社\r\nA,1\r\n", u16::to_be_bytes), "Name,株式会社\r\nA,1\r\n");
    }

    #[test]
    fn short_western_text_is_not_taken_for_something_exotic() {
        check(b"Name\nM\xfcller\n", "Name\nMüller\n");
        check(b"Nom,Ville\nL\xe9a,Orl\xe9ans\n", "Nom,Ville\nLéa,Orléans\n");
        check(b"Name\nO\x92Neil\n", "Name\nO’Neil\n");
        check(b"Nombre\nMu\xf1oz Pe\xf1a\nJos\xe9\n", "Nombre\nMuñoz Peña\nJosé\n");
    }

    #[test]
    fn eight_bit_scripts() {
        check_encoded(WINDOWS_1251, "Имя,Фамилия,Компания\nИван,Иванов,Ромашка\nОльга,Петрова,Заря\n");
        check_encoded(WINDOWS_1253, "Όνομα,Επώνυμο\nΓιώργος,Παπαδόπουλος\nΜαρία,Νικολάου\n");
        check_encoded(
            WINDOWS_1250,
            "Imię,Nazwisko,Miasto\nŁukasz,Wiśniewski,Łódź\nMałgorzata,Wójcik,Kraków\nPaweł,Dąbrowski,Gdańsk\n",
        );
    }

    #[test]
    fn encodings_of_old_systems() {
        let russian = "Имя,Фамилия,Компания\nИван,Иванов,Ромашка\nОльга,Петрова,Заря\n";
        check_encoded(KOI8_R, russian);
        check_encoded(X_MAC_CYRILLIC, russian);
        check_encoded(IBM866, russian);
        check_encoded(KOI8_R, "Имя,E-mail\nЮлия,julia@x.example\n");
        check_encoded(WINDOWS_1251, "Имя,E-mail\nЮлия,julia@x.example\n");
        let western =
            "Name,City\rJosé Muñoz,Málaga\rJürgen Groß,Köln\rÅsa Öberg,Göteborg\rZoë Lefèvre,Orléans\r";
        check_encoded(MACINTOSH, western);
        check_encoded(WINDOWS_1252, western);
        check_encoded(MACINTOSH, "Name\rMüller\r");
        check_encoded(WINDOWS_874, "ชื่อ,นามสกุล,บริษัท\nสมชาย,ใจดี,บริษัท ไทยการค้า จำกัด\nสมหญิง,รักไทย,ธนาคาร\n");
        // encoding_rs writes ISO-2022-JP too.
        check_encoded(ISO_2022_JP, "氏名,会社名\n山田太郎,株式会社山田商事\n");
    }

    #[test]
    fn capitals_and_signs_stay_what_they_are() {
        check_encoded(WINDOWS_1252, "NAME\nMÜLLER\nMUÑOZ\nGARÇON\n");
        check_encoded(WINDOWS_1252, "Note\nO’Hara – “Acme” 5 €\nZoë’s café\n");
        check_encoded(WINDOWS_1250, "Jméno,Město\nŽižka,Šumperk\nDvořák,Třebíč\nNováková,Plzeň\n");
    }

    #[test]
    fn east_asia() {
        check_encoded(SHIFT_JIS, "氏名,会社名,電話番号\n山田太郎,株式会社山田商事,03-1234-5678\n");
        check_encoded(GB18030, "姓名,公司,职位\n王小明,北京科技有限公司,销售经理\n李娜,上海贸易公司,总监\n");
        check_encoded(
            BIG5,
            "姓名,公司,職稱\n王小明,台北科技股份有限公司,業務經理\n李美玲,高雄貿易公司,總監\n",
        );
        check_encoded(
            EUC_KR,
            "이름,회사,직함\n김민수,한국전자 주식회사,영업부장\n이영희,서울무역,대표이사\n",
        );
    }

    #[test]
    fn a_few_bad_bytes_do_not_spoil_the_rest() {
        let mut bytes = "Müller,株式会社,Łódź\n".repeat(3).into_bytes();
        bytes.extend(b"Jos\xe9\n");
        check(&bytes, &("Müller,株式会社,Łódź\n".repeat(3) + "José\n"));
    }

    #[test]
    fn binary_is_refused() {
        assert!(decode(&[7, 0, 0, 1, 2, 0, 255, 0, 0, 3, 200, 0, 5].repeat(20)).is_err());
        check(b"a,b\0,c\n1234567890,1234567890,1234567890,1234567890,1234567890,1234567890,1234567890,1234567890,1234567890\n",
            "a,b\0,c\n1234567890,1234567890,1234567890,1234567890,1234567890,1234567890,1234567890,1234567890,1234567890\n");
    }
}

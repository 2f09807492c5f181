//! Cards as programs write them. Expected rows are written with `|` between cells.

use proptest::prelude::*;

use super::*;

#[track_caller]
fn check(text: &str, expected: &[&str]) {
    let workbook = crate::spreadsheet::read("people.vcf", text.as_bytes(), &Limits::default()).unwrap();
    let rows: Vec<String> = workbook.sheets[0]
        .rows()
        .map(|row| row.cells().collect::<Vec<_>>().join("|").replace('\n', "⏎"))
        .collect();
    assert_eq!(rows, expected);
}

#[test]
fn android_2_1() {
    check(
        "BEGIN:VCARD\r\nVERSION:2.1\r\nN;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:M=C3=BCller;J=C3=BCrgen;;;\r\n\
         FN;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:J=C3=BCrgen=20=\r\nM=C3=BCller\r\nTEL;CELL:0151 1\r\n\
         TEL;WORK;FAX:030 2\r\nTEL;WORK:030 3\r\nEMAIL;HOME:j@x.example\r\nORG:Acme;Sales\r\nTITLE:Buyer\r\n\
         PHOTO;ENCODING=BASE64;JPEG:/9j/4AAQ\r\n SkZJRg==\r\n\r\nEND:VCARD\r\n",
        &[
            "First Name|Last Name|Full Name|Job Title|Company|Department|Email (home)|Mobile|Phone (work)|Fax",
            "Jürgen|Müller|Jürgen Müller|Buyer|Acme|Sales|j@x.example|0151 1|030 3|030 2",
        ],
    );
}

#[test]
fn icloud_3_0() {
    check(
        "BEGIN:VCARD\nVERSION:3.0\nPRODID:-//Apple Inc.//iOS 17//EN\nN:Knox;Ida;;;\nFN:Ida Knox\n\
         item1.EMAIL;type=INTERNET:ida@home.example\nEMAIL;type=INTERNET;type=WORK;type=pref:ida@x.example\n\
         item2.TEL:020 7946 0001\nitem2.X-ABLabel:_$!<HomeFAX>!$_\nTEL;type=IPHONE;type=CELL;type=VOICE:07700 1\n\
         ADR;type=WORK:;;1 High St;Leeds;;LS1;UK\nX-SOCIALPROFILE;type=twitter:https://t.example/ida\n\
         NOTE:likes\\, tea\\nand\n  cake\nEND:VCARD\n",
        &[
            "First Name|Last Name|Full Name|Email|Email 2|Mobile|Fax|Address (work)|Note|X-SOCIALPROFILE",
            "Ida|Knox|Ida Knox|ida@x.example|ida@home.example|07700 1|020 7946 0001|1 High St, Leeds, LS1, UK|\
             likes, tea⏎and cake|https://t.example/ida",
        ],
    );
}

#[test]
fn version_4_0_and_many_cards() {
    check(
        "BEGIN:VCARD\nVERSION:4.0\nFN:Ann Lee\nTEL;VALUE=uri;TYPE=\"voice,home\":tel:+44-20-1\n\
         EMAIL;PREF=2:b@x.example\nEMAIL;PREF=1:a@x.example\nPHOTO:data:image/jpeg;base64,/9j/\nEND:VCARD\n\
         BEGIN:VCARD\nFN:Acme\nORG:Acme\nTEL:1\nEND:VCARD\nbegin:vcard\nFN:Cut Off\nBDAY:1980-01-02\n",
        &[
            "Full Name|Company|Email|Email 2|Phone|Phone (home)|Birthday",
            "Ann Lee||a@x.example|b@x.example||+44-20-1",
            "|Acme|||1",
            "Cut Off||||||1980-01-02",
        ],
    );
}

#[test]
fn an_assistants_card_is_nobodys_lead() {
    check(
        "BEGIN:VCARD\nFN:Ann\nAGENT:\nBEGIN:VCARD\nFN:Bob\nEND:VCARD\nEMAIL:a@x.example\nEND:VCARD\n",
        &["Full Name|Email", "Ann|a@x.example"],
    );
}

#[test]
fn too_many_columns_are_refused() {
    let properties: String = (0..3_000).map(|n| format!("X-{n}:1\n")).collect();
    let error = read(&format!("BEGIN:VCARD\n{properties}END:VCARD\n"), &Limits::default()).unwrap_err();
    assert!(error.to_string().contains("columns"));
}

#[test]
fn hostile_cards_take_no_time() {
    for unit in [
        "BEGIN:VCARD\n",
        "N;QUOTED-PRINTABLE:=\n",
        "a\n",
        ";;;;:\n",
        " x\n",
        "AGENT:\nBEGIN:VCARD\n",
        "N:\\;\n",
    ] {
        let text = format!("BEGIN:VCARD\n{}", unit.repeat(1_000_000 / unit.len()));
        let started = std::time::Instant::now();
        let _ = read(&text, &Limits::default());
        assert!(started.elapsed().as_secs() < 5, "{unit:?} takes {:?}", started.elapsed());
    }
}

proptest! {
    #[test]
    fn no_text_panics(text in "(BEGIN:VCARD\n|END:VCARD\r\n|N[:;=]|TEL;CELL:|=C3|QUOTED-PRINTABLE|[a:;=\\\\\" \r\né]){0,40}") {
        let _ = read(&format!("BEGIN:VCARD\n{text}"), &Limits::default());
    }

    /// Names, however they are escaped and folded, are read back.
    #[test]
    fn written_names_are_read_back(last in "[a-zé,;\\\\]{1,12}", first in "[A-Zé]{1,9}", fold in 9..14_usize) {
        let escape = |text: &str| text.replace('\\', "\\\\").replace(';', "\\;").replace(',', "\\,");
        let line = format!("N:{};{};;;", escape(&last), escape(&first));
        let fold = line.floor_char_boundary(fold.min(line.len()));
        let text = format!("BEGIN:VCARD\r\n{}\r\n {}\r\nEND:VCARD\r\n", &line[..fold], &line[fold..]);
        let workbook = read(&text, &Limits::default()).unwrap();
        let read: Vec<&str> = workbook.sheets[0].row(1).cells().collect();
        prop_assert_eq!(read, [first.as_str(), last.as_str()]);
    }
}

//! Headers of many products and languages.

use super::*;

fn check(kind: Kind, headers: &[&str]) {
    for header in headers {
        let reading = read(header);
        assert_eq!(reading.kind, kind, "{header}: {reading:?}");
    }
}

#[test]
fn names() {
    check(
        Kind::First,
        &["First Name", "firstname", "FIRST_NAME", "Vorname", "Prénom", "Imię", "Billing First Name"],
    );
    check(
        Kind::Last,
        &["Last Name", "Surname", "Nachname", "Apellidos", "Cognome", "Фамилия", "姓", "Soyadı", "Příjmení"],
    );
    check(
        Kind::Full,
        &["Full Name", "Contact Name", "Attendee name", "氏名", "Adı Soyadı", "Ονοματεπώνυμο", "担当者名"],
    );
    check(Kind::FullLastFirst, &["ФИО", "Nazwisko i imię", "Last name, First name"]);
    check(Kind::Name, &["Name", "Nom", "Nombre", "Имя", "이름", "नाम"]);
    check(Kind::Person, &["Contact", "Ansprechpartner", "Customer"]);
    check(Kind::NameVariant, &["フリガナ", "Nickname", "Phonetic First Name"]);
    check(Kind::Middle, &["Middle Name", "Отчество"]);
}

#[test]
fn fields() {
    check(
        Kind::Email,
        &["E-Mail", "Email ID", "メールアドレス", "Correo electrónico", "E-Mail-Adresse", "Work Email"],
    );
    check(
        Kind::Phone,
        &["Telefonnummer", "Contact No.", "携帯電話", "TEL", "Mobile", "Handynummer", "Geschäftstelefon"],
    );
    check(
        Kind::Company,
        &[
            "Company Name",
            "Firmenname",
            "会社名",
            "Nom de l'entreprise",
            "Account",
            "Şirket",
            "Company Name for Emails",
        ],
    );
    check(Kind::Job, &["Job Title", "Position", "Должность", "役職", "Cargo", "Designation"]);
    check(Kind::Title, &["Title", "Titel"]);
}

#[test]
fn other_things() {
    check(
        Kind::Attribute,
        &[
            "Email Status",
            "Fax",
            "Company Linkedin Url",
            "ad_name",
            "Order #",
            "Company Address",
            "部署",
            "E-mail 1 - Label",
            "Home Address 1",
            "Number of Employees",
        ],
    );
    check(
        Kind::OtherPerson,
        &[
            "Contact owner",
            "Scanned by",
            "Manager's Name",
            "Assistant's Phone",
            "Ответственный",
            "Referred By",
        ],
    );
    check(Kind::Unknown, &["Column7", "Foo bar", "Met on"]);
}

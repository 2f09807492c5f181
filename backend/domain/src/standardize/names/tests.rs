//! Names in many orders and scripts.

use super::*;

fn check_order(order: NameOrder, text: &str, first: &str, last: &str, extras: &[&str]) {
    let name = split(text, order);
    let extras: Vec<String> = extras.iter().map(|extra| (*extra).to_owned()).collect();
    assert_eq!((name.first.as_str(), name.last.as_str(), &name.extras), (first, last, &extras), "{text}");
}

fn check(text: &str, first: &str, last: &str, extras: &[&str]) {
    check_order(NameOrder::FirstLast, text, first, last, extras);
}

#[test]
fn western_names() {
    check("Jane Doe", "Jane", "Doe", &[]);
    check("Wells, Sara", "Sara", "Wells", &[]);
    check("Mills, Ms. Kelly, CPA", "Kelly", "Mills", &["Ms.", "CPA"]);
    check("Beckmann III, Dr. Andre M.", "Andre", "Beckmann", &["Dr.", "III", "M."]);
    check("Dipl.-Ing. Paola Freud, PhD", "Paola", "Freud", &["Dipl.-Ing.", "PhD"]);
    check("Ms. Sarah Barnett III", "Sarah", "Barnett", &["Ms.", "III"]);
    check("van den Eijssel, Evy", "Evy", "van den Eijssel", &[]);
    check("Romy de Vrome", "Romy", "de Vrome", &[]);
    check("Ludwig van Beethoven", "Ludwig", "van Beethoven", &[]);
    check("Beethoven, Ludwig van", "Ludwig", "van Beethoven", &[]);
    check("Mary Jane Watson", "Mary Jane", "Watson", &[]);
    check("Niko A. Löwer", "Niko", "Löwer", &["A."]);
    check("Robert (Bob) Smith Jr.", "Robert", "Smith", &["Bob", "Jr."]);
    check("Santamaria, Sr. Nando, CPA", "Nando", "Santamaria", &["Sr.", "CPA"]);
    check("John", "John", "", &[]);
    check("María García López", "María", "García López", &[]);
    check("José Luis García Pérez", "José Luis", "García Pérez", &[]);
    check("CHAN Tai Man", "Tai Man", "CHAN", &[]);
    check("Jean DUPONT", "Jean", "DUPONT", &[]);
    check("CHARLES DRAKE", "CHARLES", "DRAKE", &[]);
    check("Prof. Dr. med. Eva Braun-Huber", "Eva", "Braun-Huber", &["Prof.", "Dr.", "med."]);
    check("Yo Yo Ma", "Yo Yo", "Ma", &[]);
    check(
        "Prof. Dr.-Ing. habil. Karl-Heinz Müller",
        "Karl-Heinz",
        "Müller",
        &["Prof.", "Dr.-Ing.", "habil."],
    );
    check("Mr. & Mrs. Paul Jones", "Paul", "Jones", &["Mr. & Mrs."]);
    check("MARIA DEL CARMEN LOPEZ GARCIA", "MARIA DEL CARMEN", "LOPEZ GARCIA", &[]);
    check("Juan de la Cruz Pérez", "Juan", "de la Cruz Pérez", &[]);
    check("DUPONT Jean-Marc", "Jean-Marc", "DUPONT", &[]);
    check("Benjamin 'Ben' Franklin", "Benjamin", "Franklin", &["Ben"]);
    check("Michio Yamaguchi, AIA, CSI", "Michio", "Yamaguchi", &["AIA", "CSI"]);
    check("John Doe, D.O.", "John", "Doe", &["D.O."]);
    check("GARCIA LOPEZ, ANA", "ANA", "GARCIA LOPEZ", &[]);
    check("Griffey, Jr., Ken", "Ken", "Griffey", &["Jr."]);
    check("Mary Toogood née Johnson", "Mary", "Toogood", &["née Johnson"]);
    check("Mary Toogood, née Johnson", "Mary", "Toogood", &["née Johnson"]);
    check("Macaluso David P", "David", "Macaluso", &["P"]);
    check("Ramesh Kumar V.", "Ramesh", "Kumar", &["V."]);
    check("Larry Johnson III", "Larry", "Johnson", &["III"]);
    check("Chunyi Peng", "Chunyi", "Peng", &[]);
    check("dos Santos", "", "dos Santos", &[]);
    check("Akmaev, I", "I", "Akmaev", &[]);
    check("Kim, P-H", "P-H", "Kim", &[]);
    check("John W. Ingram, V", "John", "Ingram", &["W.", "V"]);
    check("de la Vega", "", "de la Vega", &[]);
    check("Sam Smith 😊", "Sam", "Smith", &["😊"]);
    check("MCMILLAN, PETER 'PEDRO'", "PETER", "MCMILLAN", &["PEDRO"]);
    check("MR AND MRS JEROME B RICE", "JEROME", "RICE", &["MR AND MRS", "B"]);
    check("Van Morrison", "Van", "Morrison", &[]);
    check("The Rt Hon John Jones", "John", "Jones", &["The Rt Hon"]);
    check("Secretary of State Jane Doe", "Jane", "Doe", &["Secretary of State"]);
    check("Judge Judy", "Judge", "Judy", &[]);
    check("Dame Judi Dench", "Judi", "Dench", &["Dame"]);
    check("Lord Byron", "", "Byron", &["Lord"]);
    check("Familie Weber", "", "Weber", &["Familie"]);
    check("Lady Gaga", "Lady", "Gaga", &[]);
    check("José Antonio Fernández Ruiz", "José Antonio", "Fernández Ruiz", &[]);
    check("J. R. R. Tolkien", "J. R. R.", "Tolkien", &[]);
    check("Abdullah bin Rashid Al Maktoum", "Abdullah", "bin Rashid Al Maktoum", &[]);
}

#[test]
fn other_scripts() {
    check("张平", "平", "张", &[]);
    check("欧阳思远", "思远", "欧阳", &[]);
    check("山崎 稔", "稔", "山崎", &[]);
    check("山田　裕美子", "裕美子", "山田", &[]);
    check("佐々木翔太", "翔太", "佐々木", &[]);
    check("김민준", "민준", "김", &[]);
    check("高山花子", "花子", "高山", &[]);
    check("田中 太郎 様", "太郎", "田中", &["様"]);
    check("김철수 과장", "철수", "김", &["과장"]);
    check("남궁민수", "민수", "남궁", &[]);
    check("Иванов Иван Иванович", "Иван", "Иванов", &["Иванович"]);
    check("Иван Иванович Петров", "Иван", "Петров", &["Иванович"]);
    check("Петрова Анна", "Анна", "Петрова", &[]);
    check("Анна Петрова", "Анна", "Петрова", &[]);
    check("محمد بن سلمان", "محمد", "بن سلمان", &[]);
    check("Nguyễn Văn An", "Văn An", "Nguyễn", &[]);
    check_order(NameOrder::LastFirst, "Kowalska Anna", "Anna", "Kowalska", &[]);
}

#[test]
fn parts_of_their_own() {
    let mut extras = Vec::new();
    assert_eq!(clean_part("Sims, PMP®", &mut extras), "Sims");
    assert_eq!(clean_part("Dr. Anna", &mut extras), "Anna");
    assert_eq!(clean_part("Anne-Marie", &mut extras), "Anne-Marie");
    assert_eq!(clean_part("de la Cruz", &mut extras), "de la Cruz");
    assert_eq!(extras, ["PMP®", "Dr."]);
}

/// Found by the suites of nameparser, probablepeople and human_name.
#[test]
fn what_public_suites_found() {
    check("Jerome B. Rice, et al.", "Jerome", "Rice", &["et al.", "B."]);
    check("JEROME B RICE ET AL", "JEROME", "RICE", &["ET AL", "B"]);
    check("david chaiken attorney at law", "david", "chaiken", &["attorney at law"]);
    check("attorney Paul L. Williams", "Paul", "Williams", &["attorney", "L."]);
    check("Lt.Gov. John Doe", "John", "Doe", &["Lt.Gov."]);
    check("State Senator Kwame Raoul", "Kwame", "Raoul", &["State Senator"]);
    check("Kenneth Clarke QC MP", "Kenneth", "Clarke", &["QC", "MP"]);
    check("Kenneth Clarke Q.C., M.P.", "Kenneth", "Clarke", &["Q.C.", "M.P."]);
    check("J KENNETH KLINE", "J KENNETH", "KLINE", &[]);
    check("JACK MA", "JACK", "MA", &[]);
    check("Lea Roth MA", "Lea", "Roth", &["MA"]);
    check("H Hawkins", "H", "Hawkins", &[]);
    check("Carolyn E, Savage", "Carolyn", "Savage", &["E"]);
    check("José Ortega y Gasset", "José", "Ortega y Gasset", &[]);
}

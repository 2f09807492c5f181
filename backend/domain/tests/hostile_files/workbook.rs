//! Workbooks built part by part, so that a part can be larger than memory, or contain what no program would write.

use std::io::{Cursor, Result, Write};

use zip::ZipWriter;
use zip::write::SimpleFileOptions;

/// The parts of an XLSX that stay the same.
const CONTENT_TYPES: &str = r#"<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/></Types>"#;
const RELATIONSHIPS: &str = r#"<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>"#;
const ONE_SHEET: &str = r#"<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="Leads" sheetId="1" r:id="rId1"/></sheets></workbook>"#;
const PARTS_OF_WORKBOOK: &str = r#"<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="rId2" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/sharedStrings" Target="sharedStrings.xml"/><Relationship Id="rId3" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/styles" Target="styles.xml"/></Relationships>"#;
/// The parts of an XLSX besides its sheet.
pub(super) const USUAL: [(&str, &str); 4] = [
    ("[Content_Types].xml", CONTENT_TYPES),
    ("_rels/.rels", RELATIONSHIPS),
    ("xl/workbook.xml", ONE_SHEET),
    ("xl/_rels/workbook.xml.rels", PARTS_OF_WORKBOOK),
];
/// The XML before and after the rows of a sheet.
pub(super) const SHEET_HEAD: &str =
    r#"<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>"#;
pub(super) const SHEET_TAIL: &str = "</sheetData></worksheet>";
/// A header row of an XLSX, its texts in the cells.
pub(super) const HEADER: &str = r#"<row r="1"><c r="A1" t="inlineStr"><is><t>Name</t></is></c><c r="B1" t="inlineStr"><is><t>Email</t></is></c></row>"#;

/// An archive under construction.
pub(super) struct Zip(ZipWriter<Cursor<Vec<u8>>>);

impl Zip {
    pub(super) fn new() -> Self {
        Self(ZipWriter::new(Cursor::new(Vec::new())))
    }

    pub(super) fn part(&mut self, name: &str, content: &str) -> Result<()> {
        self.part_with(name, |out| out.write_all(content.as_bytes()))
    }

    pub(super) fn part_with(
        &mut self,
        name: &str,
        write: impl FnOnce(&mut dyn Write) -> Result<()>,
    ) -> Result<()> {
        let options = SimpleFileOptions::default().compression_level(Some(1)).large_file(true);
        self.0.start_file(name, options)?;
        write(&mut self.0)
    }

    pub(super) fn finish(self) -> Result<Vec<u8>> {
        Ok(self.0.finish()?.into_inner())
    }
}

/// An XLSX whose named parts replace the usual ones.
pub(super) fn xlsx(parts: &[(&str, Part<'_>)]) -> Result<Vec<u8>> {
    let mut zip = Zip::new();
    for (name, content) in USUAL {
        if parts.iter().all(|(other, _)| *other != name) {
            zip.part(name, content)?;
        }
    }
    for (name, part) in parts {
        zip.part_with(name, |out| part.write(out))?;
    }
    if parts.iter().all(|(name, _)| *name != "xl/worksheets/sheet1.xml") {
        let row = r#"<row r="2"><c r="A2" t="inlineStr"><is><t>Ada Lovelace</t></is></c><c r="B2" t="inlineStr"><is><t>ada@x.example</t></is></c></row>"#;
        zip.part("xl/worksheets/sheet1.xml", &format!("{SHEET_HEAD}{HEADER}{row}{SHEET_TAIL}"))?;
    }
    zip.finish()
}

/// An ODS with this content.
pub(super) fn ods(content: &Part<'_>) -> Result<Vec<u8>> {
    let mut zip = Zip::new();
    zip.part("mimetype", "application/vnd.oasis.opendocument.spreadsheet")?;
    zip.part_with("content.xml", |out| content.write(out))?;
    zip.finish()
}

/// The content of a part: a beginning, a repeated piece, an end.
pub(super) struct Part<'t> {
    pub(super) head: &'t str,
    pub(super) again: &'t str,
    pub(super) times: u64,
    pub(super) tail: &'t str,
}

impl<'t> Part<'t> {
    pub(super) fn text(head: &'t str) -> Self {
        Self { head, again: "", times: 0, tail: "" }
    }

    pub(super) fn write(&self, out: &mut dyn Write) -> Result<()> {
        out.write_all(self.head.as_bytes())?;
        // In pieces, because each write is a call of the compressor.
        let in_a_piece = (64 * 1024 / self.again.len().max(1) as u64).max(1);
        let piece = self.again.repeat(usize::try_from(in_a_piece.min(self.times)).unwrap_or(0));
        for _ in 0..self.times / in_a_piece {
            out.write_all(piece.as_bytes())?;
        }
        for _ in 0..self.times % in_a_piece {
            out.write_all(self.again.as_bytes())?;
        }
        out.write_all(self.tail.as_bytes())
    }

    pub(super) fn bytes(&self) -> Result<Vec<u8>> {
        let mut bytes = Vec::new();
        self.write(&mut bytes)?;
        Ok(bytes)
    }
}

/// A record of an XLS: kind, length, data.
fn record(out: &mut Vec<u8>, kind: u16, data: &[u8]) {
    out.extend(kind.to_le_bytes());
    out.extend((data.len() as u16).to_le_bytes());
    out.extend(data);
}

/// An XLS of one sheet with a long name, which contains one text cell and these formulas, each as the tokens of its
/// expression.
pub(super) fn xls_with_formulas(tokens: &[u8], times: u64) -> Result<Vec<u8>> {
    let name = [b'n'; 250];
    let mut stream = Vec::new();
    record(&mut stream, 0x0809, &[0, 6, 5, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    let bound_sheet_at = stream.len() + 4;
    let mut bound_sheet = vec![0, 0, 0, 0, 0, 0, name.len() as u8, 0];
    bound_sheet.extend(name);
    record(&mut stream, 0x0085, &bound_sheet);
    // One reference to another sheet: the first one.
    record(&mut stream, 0x0017, &[1, 0, 0, 0, 0, 0, 0, 0]);
    record(&mut stream, 0x000A, &[]);
    let sheet_at = stream.len() as u32;
    stream[bound_sheet_at..bound_sheet_at + 4].copy_from_slice(&sheet_at.to_le_bytes());
    record(&mut stream, 0x0809, &[0, 6, 0x10, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    // Row, column, format, length of the text, flags, text.
    record(&mut stream, 0x0204, &[0, 0, 0, 0, 0, 0, 4, 0, 0, b'N', b'a', b'm', b'e']);
    for row in 1..=times {
        let row = (row % 60_000) as u16;
        let mut formula = row.to_le_bytes().to_vec();
        formula.extend([0, 0, 0, 0]);
        formula.extend(1.5_f64.to_le_bytes());
        formula.extend([0; 6]);
        formula.extend((tokens.len() as u16).to_le_bytes());
        formula.extend(tokens);
        record(&mut stream, 0x0006, &formula);
    }
    record(&mut stream, 0x000A, &[]);
    let mut file = cfb::CompoundFile::create(Cursor::new(Vec::new()))?;
    file.create_stream("/Workbook")?.write_all(&stream)?;
    file.flush()?;
    Ok(file.into_inner().into_inner())
}

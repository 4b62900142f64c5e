//! Comma-separated values as RFC 4180 has them, with plain line ends.

use pluresdb::SqlValue;
use std::io::{self, Write};

/// Writes one line. NULL is an empty field, an empty text is `""`.
pub(crate) fn write_csv<'a>(
    out: &mut impl Write,
    values: impl IntoIterator<Item = &'a SqlValue>,
) -> io::Result<()> {
    for (at, value) in values.into_iter().enumerate() {
        if at > 0 {
            out.write_all(b",")?;
        }
        match value {
            SqlValue::Null => {}
            SqlValue::Int(number) => write!(out, "{number}")?,
            SqlValue::Real(number) => write!(out, "{number:?}")?,
            SqlValue::Text(text) => field(out, text)?,
            SqlValue::Blob(bytes) => bytes.iter().try_for_each(|byte| write!(out, "{byte:02x}"))?,
        }
    }
    out.write_all(b"\n")
}

fn field(out: &mut impl Write, text: &str) -> io::Result<()> {
    if !text.is_empty() && !text.contains([',', '"', '\n', '\r']) {
        return out.write_all(text.as_bytes());
    }
    write!(out, "\"{}\"", text.replace('"', "\"\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_would_be_read_otherwise_is_quoted() {
        let texts = ["a", "b,c", "say \"hi\"", "two\nlines", ""];
        let mut row: Vec<SqlValue> = texts.map(|text| SqlValue::Text(text.into())).into();
        row.extend([
            SqlValue::Null,
            SqlValue::Int(-1),
            SqlValue::Real(1.0),
            SqlValue::Blob(vec![0xab]),
        ]);
        let mut out = Vec::new();
        write_csv(&mut out, &row).unwrap();
        let expected = "a,\"b,c\",\"say \"\"hi\"\"\",\"two\nlines\",\"\",,-1,1.0,ab\n";
        assert_eq!(String::from_utf8(out).unwrap(), expected);
    }
}

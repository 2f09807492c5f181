//! Reading JSON.

use serde::de::{
    DeserializeOwned, DeserializeSeed, Deserializer, EnumAccess, MapAccess, SeqAccess, VariantAccess, Visitor,
};

use super::{JsonError, RawJson};

/// How deep a text may be nested; answers of the API are at most ten deep.
const MAX_DEPTH: u32 = 100;

/// Reads a value out of a JSON text, which must hold nothing else.
pub(crate) fn from_str<T: DeserializeOwned>(text: &str) -> Result<T, JsonError> {
    let mut reader = Reader { text, at: 0, depth: 0 };
    let value = T::deserialize(&mut reader)?;
    if reader.peek() == 0 { Ok(value) } else { Err(JsonError) }
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
    depth: u32,
}

/// What a value begins with.
enum Token {
    Null,
    Bool(bool),
    Number(Number),
    Text(String),
    List,
    Map,
}

struct Number {
    negative: bool,
    whole: Option<u64>,
    value: f64,
}

impl Number {
    fn unsigned(&self) -> Result<u64, JsonError> {
        self.whole.filter(|whole| !self.negative || *whole == 0).ok_or(JsonError)
    }

    fn signed(&self) -> Result<i64, JsonError> {
        let whole = self.whole.ok_or(JsonError)?;
        let signed =
            if self.negative { 0_i64.checked_sub_unsigned(whole) } else { i64::try_from(whole).ok() };
        signed.ok_or(JsonError)
    }
}

// Nothing here is generic, so that it is in the program once; what is generic below is as small as can be.
impl Reader<'_> {
    fn byte(&self) -> u8 {
        self.text.as_bytes().get(self.at).copied().unwrap_or(0)
    }

    /// The next byte that is not white space; 0 at the end.
    fn peek(&mut self) -> u8 {
        while matches!(self.byte(), b' ' | b'\n' | b'\r' | b'\t') {
            self.at += 1;
        }
        self.byte()
    }

    fn eat(&mut self, expected: u8) -> bool {
        let found = self.peek() == expected;
        self.at += usize::from(found);
        found
    }

    fn word(&mut self, word: &str, token: Token) -> Result<Token, JsonError> {
        let found = self.text.as_bytes().get(self.at..).is_some_and(|rest| rest.starts_with(word.as_bytes()));
        self.at += word.len();
        if found { Ok(token) } else { Err(JsonError) }
    }

    fn token(&mut self) -> Result<Token, JsonError> {
        match self.peek() {
            b'n' => self.word("null", Token::Null),
            b't' => self.word("true", Token::Bool(true)),
            b'f' => self.word("false", Token::Bool(false)),
            b'"' => self.text().map(Token::Text),
            b'[' => self.enter().map(|()| Token::List),
            b'{' => self.enter().map(|()| Token::Map),
            _ => self.number().map(Token::Number),
        }
    }

    fn enter(&mut self) -> Result<(), JsonError> {
        self.at += 1;
        self.depth += 1;
        if self.depth > MAX_DEPTH { Err(JsonError) } else { Ok(()) }
    }

    /// Is there a next item? Eats the comma before it, or the closing bracket.
    fn next(&mut self, is_first: &mut bool, close: u8) -> Result<bool, JsonError> {
        if self.eat(close) {
            self.depth -= 1;
            return Ok(false);
        }
        if std::mem::take(is_first) || self.eat(b',') { Ok(true) } else { Err(JsonError) }
    }

    fn digits(&mut self) -> Result<&str, JsonError> {
        let from = self.at;
        while self.byte().is_ascii_digit() {
            self.at += 1;
        }
        if from == self.at { Err(JsonError) } else { Ok(&self.text[from..self.at]) }
    }

    /// A number. Fractions are good to the last bit or two: they are shares and rates for people to look at.
    fn number(&mut self) -> Result<Number, JsonError> {
        let negative = self.byte() == b'-';
        self.at += usize::from(negative);
        let (mut whole, mut value) = (Some(0_u64), 0.0);
        let add = |value: f64, digit: u8| value * 10.0 + f64::from(digit - b'0');
        for digit in self.digits()?.bytes() {
            whole = whole.and_then(|w| w.checked_mul(10)?.checked_add(u64::from(digit - b'0')));
            value = add(value, digit);
        }
        let mut exponent = 0_i32;
        if self.byte() == b'.' {
            self.at += 1;
            for digit in self.digits()?.bytes() {
                value = add(value, digit);
                exponent -= 1;
            }
            whole = None;
        }
        if matches!(self.byte(), b'e' | b'E') {
            self.at += 1;
            let down = self.byte() == b'-';
            self.at += usize::from(matches!(self.byte(), b'-' | b'+'));
            let written =
                self.digits()?.bytes().fold(0_i32, |e, d| (e * 10 + i32::from(d - b'0')).min(9_999));
            exponent += if down { -written } else { written };
            whole = None;
        }
        // Powers of ten are exact where the answers of the API need them.
        let mut power = 1.0;
        for _ in 0..exponent.unsigned_abs() {
            power *= 10.0;
        }
        let value = if exponent < 0 { value / power } else { value * power };
        Ok(Number { negative, whole, value: if negative { -value } else { value } })
    }

    fn text(&mut self) -> Result<String, JsonError> {
        self.at += 1;
        let mut out = String::new();
        loop {
            let from = self.at;
            while !matches!(self.byte(), b'"' | b'\\' | 0..0x20) {
                self.at += 1;
            }
            out.push_str(&self.text[from..self.at]);
            let end = self.byte();
            self.at += 1;
            match end {
                b'"' => return Ok(out),
                b'\\' => out.push(self.escape()?),
                _ => return Err(JsonError),
            }
        }
    }

    fn escape(&mut self) -> Result<char, JsonError> {
        let letter = self.byte();
        self.at += 1;
        Ok(match letter {
            b'"' | b'\\' | b'/' => char::from(letter),
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'u' => {
                let first = self.hex()?;
                let code = match first {
                    // The first half of a pair.
                    0xD800..0xDC00 => {
                        let is_pair =
                            self.byte() == b'\\' && self.text.as_bytes().get(self.at + 1) == Some(&b'u');
                        self.at += 2;
                        let second = if is_pair { self.hex()? } else { 0 };
                        let low = second.checked_sub(0xDC00).filter(|low| *low < 0x400).ok_or(JsonError)?;
                        0x10000 + ((first - 0xD800) << 10) + low
                    }
                    code => code,
                };
                char::from_u32(code).ok_or(JsonError)?
            }
            _ => return Err(JsonError),
        })
    }

    fn hex(&mut self) -> Result<u32, JsonError> {
        let mut code = 0;
        for _ in 0..4 {
            code = code * 16 + char::from(self.byte()).to_digit(16).ok_or(JsonError)?;
            self.at += 1;
        }
        Ok(code)
    }

    /// Goes past a value.
    fn skip(&mut self) -> Result<(), JsonError> {
        let mut is_first = true;
        match self.token()? {
            Token::List => {
                while self.next(&mut is_first, b']')? {
                    self.skip()?;
                }
            }
            Token::Map => {
                while self.next(&mut is_first, b'}')? {
                    self.key()?;
                    self.skip()?;
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn key(&mut self) -> Result<String, JsonError> {
        let key = self.string()?;
        if self.eat(b':') { Ok(key) } else { Err(JsonError) }
    }

    fn string(&mut self) -> Result<String, JsonError> {
        if self.peek() == b'"' { self.text() } else { Err(JsonError) }
    }

    fn numeric(&mut self) -> Result<Number, JsonError> {
        self.peek();
        self.number()
    }
}

macro_rules! whole_numbers {
    ($($method:ident $visit:ident $read:ident),*) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, JsonError> {
            visitor.$visit(self.numeric()?.$read()?)
        }
    )*};
}

macro_rules! texts {
    ($($method:ident),*) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, JsonError> {
            visitor.visit_string(self.string()?)
        }
    )*};
}

impl<'de> Deserializer<'de> for &mut Reader<'_> {
    type Error = JsonError;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, JsonError> {
        match self.token()? {
            Token::Null => visitor.visit_unit(),
            Token::Bool(value) => visitor.visit_bool(value),
            Token::Number(number) => match (number.unsigned(), number.signed()) {
                (Ok(value), _) => visitor.visit_u64(value),
                (_, Ok(value)) => visitor.visit_i64(value),
                _ => visitor.visit_f64(number.value),
            },
            Token::Text(text) => visitor.visit_string(text),
            Token::List => visitor.visit_seq(Items::new(self)),
            Token::Map => visitor.visit_map(Items::new(self)),
        }
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, JsonError> {
        match self.token()? {
            Token::Bool(value) => visitor.visit_bool(value),
            _ => Err(JsonError),
        }
    }

    whole_numbers!(
        deserialize_u8 visit_u64 unsigned, deserialize_u16 visit_u64 unsigned, deserialize_u32 visit_u64 unsigned,
        deserialize_u64 visit_u64 unsigned, deserialize_i8 visit_i64 signed, deserialize_i16 visit_i64 signed,
        deserialize_i32 visit_i64 signed, deserialize_i64 visit_i64 signed
    );

    fn deserialize_f32<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, JsonError> {
        self.deserialize_f64(visitor)
    }

    fn deserialize_f64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, JsonError> {
        visitor.visit_f64(self.numeric()?.value)
    }

    texts!(deserialize_char, deserialize_str, deserialize_string, deserialize_bytes, deserialize_byte_buf);

    fn deserialize_identifier<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, JsonError> {
        visitor.visit_str(&self.string()?)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, JsonError> {
        if self.peek() == b'n' {
            self.token()?;
            return visitor.visit_none();
        }
        visitor.visit_some(self)
    }

    fn deserialize_unit<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, JsonError> {
        self.skip()?;
        visitor.visit_unit()
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, JsonError> {
        self.deserialize_unit(visitor)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        visitor: V,
    ) -> Result<V::Value, JsonError> {
        if name == RawJson::NAME {
            self.peek();
            let from = self.at;
            self.skip()?;
            return visitor.visit_str(self.text.get(from..self.at).ok_or(JsonError)?);
        }
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, JsonError> {
        if self.peek() != b'[' {
            return Err(JsonError);
        }
        self.enter()?;
        let mut items = Items::new(self);
        let value = visitor.visit_seq(&mut items)?;
        items.close()?;
        Ok(value)
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, JsonError> {
        self.deserialize_seq(visitor)
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: usize,
        visitor: V,
    ) -> Result<V::Value, JsonError> {
        self.deserialize_seq(visitor)
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, JsonError> {
        if self.peek() != b'{' {
            return Err(JsonError);
        }
        self.enter()?;
        visitor.visit_map(Items::new(self))
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, JsonError> {
        self.deserialize_map(visitor)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, JsonError> {
        // A name alone, or an object with the name of the variant as its one key.
        if self.peek() != b'{' {
            return visitor.visit_enum(Variant { reader: self, has_value: false });
        }
        self.enter()?;
        let value = visitor.visit_enum(Variant { reader: self, has_value: true })?;
        self.depth -= 1;
        if self.eat(b'}') { Ok(value) } else { Err(JsonError) }
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, JsonError> {
        self.deserialize_unit(visitor)
    }
}

/// The items of a list or the entries of an object.
struct Items<'r, 'a> {
    reader: &'r mut Reader<'a>,
    is_first: bool,
    is_closed: bool,
}

impl<'r, 'a> Items<'r, 'a> {
    fn new(reader: &'r mut Reader<'a>) -> Self {
        Self { reader, is_first: true, is_closed: false }
    }

    fn next(&mut self, bracket: u8) -> Result<bool, JsonError> {
        let is_open = self.reader.next(&mut self.is_first, bracket)?;
        self.is_closed = !is_open;
        Ok(is_open)
    }

    /// A visitor that counts its items does not ask for the one after the last: the bracket is still there.
    fn close(&mut self) -> Result<(), JsonError> {
        if self.is_closed || !self.next(b']')? { Ok(()) } else { Err(JsonError) }
    }
}

impl<'de> SeqAccess<'de> for Items<'_, '_> {
    type Error = JsonError;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, JsonError> {
        if !self.next(b']')? {
            return Ok(None);
        }
        seed.deserialize(&mut *self.reader).map(Some)
    }
}

impl<'de> MapAccess<'de> for Items<'_, '_> {
    type Error = JsonError;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, JsonError> {
        if !self.next(b'}')? {
            return Ok(None);
        }
        seed.deserialize(&mut *self.reader).map(Some)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, JsonError> {
        if !self.reader.eat(b':') {
            return Err(JsonError);
        }
        seed.deserialize(&mut *self.reader)
    }
}

/// A variant of an enum, by name alone or with a value.
struct Variant<'r, 'a> {
    reader: &'r mut Reader<'a>,
    has_value: bool,
}

impl<'de> EnumAccess<'de> for Variant<'_, '_> {
    type Error = JsonError;
    type Variant = Self;

    fn variant_seed<V: DeserializeSeed<'de>>(self, seed: V) -> Result<(V::Value, Self), JsonError> {
        let name = seed.deserialize(&mut *self.reader)?;
        if self.has_value && !self.reader.eat(b':') {
            return Err(JsonError);
        }
        Ok((name, self))
    }
}

impl<'de> VariantAccess<'de> for Variant<'_, '_> {
    type Error = JsonError;

    fn unit_variant(self) -> Result<(), JsonError> {
        if self.has_value { self.reader.skip() } else { Ok(()) }
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value, JsonError> {
        if self.has_value { seed.deserialize(self.reader) } else { Err(JsonError) }
    }

    fn tuple_variant<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, JsonError> {
        if self.has_value { self.reader.deserialize_seq(visitor) } else { Err(JsonError) }
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, JsonError> {
        if self.has_value { self.reader.deserialize_map(visitor) } else { Err(JsonError) }
    }
}

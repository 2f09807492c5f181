//! Stands in for the crate `crc-fast`, which the AWS SDK takes checksums of objects with. That crate holds tables for every CRC
//! there is, 700 kB of numbers that no zip makes smaller, in each function; the SDK asks for three. `Cargo.toml` of the workspace
//! puts this one in its place. What is here has the names the SDK calls; anything else it should call one day does not compile.
//!
//! Parameters are those of the catalogue of CRC algorithms (<https://reveng.sourceforge.io/crc-catalogue/>).

use crc::{CRC_32_ISCSI, CRC_64_NVME, Crc, Table};

// Static, so that a program holds each table once.
static ISCSI: Crc<u32, Table<16>> = Crc::<u32, Table<16>>::new(&CRC_32_ISCSI);
static NVME: Crc<u64, Table<16>> = Crc::<u64, Table<16>>::new(&CRC_64_NVME);

/// A checksum S3 knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CrcAlgorithm {
    /// `x-amz-checksum-crc32`.
    Crc32IsoHdlc,
    /// `x-amz-checksum-crc32c`.
    Crc32Iscsi,
    /// `x-amz-checksum-crc64nvme`.
    Crc64Nvme,
}

/// A checksum that is being taken.
#[derive(Debug, Clone)]
pub struct Digest(State);

#[derive(Clone)]
enum State {
    IsoHdlc(crc32fast::Hasher),
    Iscsi(crc::Digest<'static, u32, Table<16>>),
    Nvme(crc::Digest<'static, u64, Table<16>>),
}

impl std::fmt::Debug for State {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::IsoHdlc(_) => "CRC-32/ISO-HDLC",
            Self::Iscsi(_) => "CRC-32/ISCSI",
            Self::Nvme(_) => "CRC-64/NVME",
        })
    }
}

impl Digest {
    /// The checksum of no bytes.
    #[must_use]
    pub fn new(algorithm: CrcAlgorithm) -> Self {
        Self(match algorithm {
            CrcAlgorithm::Crc32IsoHdlc => State::IsoHdlc(crc32fast::Hasher::new()),
            CrcAlgorithm::Crc32Iscsi => State::Iscsi(ISCSI.digest()),
            CrcAlgorithm::Crc64Nvme => State::Nvme(NVME.digest()),
        })
    }

    /// Goes on with these bytes.
    pub fn update(&mut self, bytes: &[u8]) {
        match &mut self.0 {
            State::IsoHdlc(hasher) => hasher.update(bytes),
            State::Iscsi(digest) => digest.update(bytes),
            State::Nvme(digest) => digest.update(bytes),
        }
    }

    /// The checksum of all bytes; one of 32 bits is in the lower half.
    #[must_use]
    pub fn finalize(self) -> u64 {
        match self.0 {
            State::IsoHdlc(hasher) => hasher.finalize().into(),
            State::Iscsi(digest) => digest.finalize().into(),
            State::Nvme(digest) => digest.finalize(),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const ALL: [(CrcAlgorithm, u32, u64); 3] = [
        (CrcAlgorithm::Crc32IsoHdlc, 32, 0xedb8_8320),
        (CrcAlgorithm::Crc32Iscsi, 32, 0x82f6_3b78),
        (CrcAlgorithm::Crc64Nvme, 64, 0x9a6c_9329_ac4b_c9b5),
    ];

    fn of(algorithm: CrcAlgorithm, parts: &[&[u8]]) -> u64 {
        let mut digest = Digest::new(algorithm);
        for part in parts {
            digest.update(part);
        }
        digest.finalize()
    }

    /// Bit by bit, as the definition says: all three are reflected, begin with ones and end inverted.
    fn by_definition(width: u32, reflected_polynomial: u64, bytes: &[u8]) -> u64 {
        let ones = u64::MAX >> (64 - width);
        let mut register = ones;
        for byte in bytes {
            register ^= u64::from(*byte);
            for _ in 0..8 {
                let carry = if register & 1 == 1 { reflected_polynomial } else { 0 };
                register = (register >> 1) ^ carry;
            }
        }
        register ^ ones
    }

    #[test]
    fn check_values_are_those_of_the_catalogue() {
        let checks = ALL.map(|(algorithm, ..)| of(algorithm, &[b"123456789"]));
        assert_eq!(checks, [0xcbf4_3926, 0xe306_9283, 0xae8b_1486_0a79_9888]);
    }

    proptest! {
        #[test]
        fn any_bytes_in_any_parts(parts in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..300), 0..6)) {
            let whole = parts.concat();
            let parts: Vec<&[u8]> = parts.iter().map(Vec::as_slice).collect();
            for (algorithm, width, polynomial) in ALL {
                prop_assert_eq!(of(algorithm, &parts), by_definition(width, polynomial, &whole), "{:?}", algorithm);
            }
        }
    }
}

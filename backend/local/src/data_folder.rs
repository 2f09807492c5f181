//! The folder that contains all data, its lock, and the secrets generated at the first start.

use std::fs::{DirBuilder, File, OpenOptions, TryLockError};
use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::rand::{SecureRandom as _, SystemRandom};
use serde::{Deserialize, Serialize};

/// Email address of the user created at the first start.
pub const DEMO_USER: &str = "demo@easy-crm.local";

/// Why the data folder cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum DataFolderError {
    /// Another process is using it.
    #[error("the data folder {0} is in use by another easy-crm; stop it or give another folder with --data")]
    InUse(PathBuf),
    /// A file or folder cannot be read or written.
    #[error("cannot use {path}: {source}")]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// The cause.
        source: std::io::Error,
    },
    /// A file does not contain what is expected.
    #[error("{path} is damaged: {source}")]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        source: serde_json::Error,
    },
    /// The operating system provides no random numbers.
    #[error("the operating system provides no random numbers")]
    NoRandomness,
}

/// The data folder. Only its owner can read it.
#[derive(Debug, Clone)]
pub struct DataFolder {
    path: PathBuf,
}

/// Keeps other processes out of the data folder for as long as it lives.
#[derive(Debug)]
pub(crate) struct DataFolderLock {
    _file: File,
}

/// Secrets that are generated once and kept.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Secrets {
    /// Identifies this data folder in tokens.
    pub(crate) deployment_id: String,
    pub(crate) deployment_secret: String,
    pub(crate) s3_access_key_id: String,
    pub(crate) s3_secret_access_key: String,
}

/// Who can sign in.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct SignIns {
    /// The users.
    pub users: Vec<SignIn>,
}

/// One user's sign-in. The password is stored in plain text because `serve` shows it; only the owner can read the file.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct SignIn {
    /// Email address.
    pub email: String,
    /// Password.
    pub password: String,
}

impl DataFolder {
    /// Opens the folder, creating it (readable only by the owner) if missing.
    ///
    /// # Errors
    /// When it cannot be created.
    pub fn open(path: &Path) -> Result<Self, DataFolderError> {
        let mut builder = DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        {
            use std::os::unix::fs::DirBuilderExt as _;
            builder.mode(0o700);
        }
        builder.create(path).map_err(|source| io_error(path, source))?;
        let folder = Self { path: path.canonicalize().map_err(|source| io_error(path, source))? };
        folder.restrict()?;
        Ok(folder)
    }

    /// A folder that already existed may be readable by others.
    fn restrict(&self) -> Result<(), DataFolderError> {
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            std::fs::set_permissions(&self.path, std::fs::Permissions::from_mode(0o700))
                .map_err(|source| io_error(&self.path, source))?;
        }
        Ok(())
    }

    /// The folder itself.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }

    /// Locks the folder for this process.
    ///
    /// # Errors
    /// [`DataFolderError::InUse`] when another process has it.
    pub(crate) fn lock(&self) -> Result<DataFolderLock, DataFolderError> {
        let path = self.file("lock");
        let file = OpenOptions::new()
            .create(true)
            .write(true)
            .truncate(false)
            .open(&path)
            .map_err(|source| io_error(&path, source))?;
        match file.try_lock() {
            Ok(()) => Ok(DataFolderLock { _file: file }),
            Err(TryLockError::WouldBlock) => Err(DataFolderError::InUse(self.path.clone())),
            Err(TryLockError::Error(source)) => Err(io_error(&path, source)),
        }
    }

    /// The secrets, generated if missing.
    ///
    /// # Errors
    /// When the file cannot be read or written.
    pub(crate) fn secrets(&self) -> Result<Secrets, DataFolderError> {
        self.json_file("secrets.json", || {
            Ok(Secrets {
                deployment_id: random_token(9)?,
                deployment_secret: random_token(32)?,
                s3_access_key_id: format!("LOCAL{}", random_token(12)?.replace(['-', '_'], "X")),
                s3_secret_access_key: random_token(30)?,
            })
        })
    }

    /// Who can sign in; a demo user with a random password if there is no file yet.
    ///
    /// # Errors
    /// When the file cannot be read or written.
    pub fn sign_ins(&self) -> Result<SignIns, DataFolderError> {
        self.json_file("sign-in.json", || {
            Ok(SignIns {
                users: vec![SignIn { email: DEMO_USER.to_owned(), password: readable_password()? }],
            })
        })
    }

    fn json_file<T: Serialize + for<'de> Deserialize<'de>>(
        &self,
        name: &str,
        make: impl FnOnce() -> Result<T, DataFolderError>,
    ) -> Result<T, DataFolderError> {
        let path = self.file(name);
        let damaged = |source| DataFolderError::Damaged { path: path.clone(), source };
        let bytes = self.private_file(name, || {
            let mut bytes = serde_json::to_vec_pretty(&make()?).map_err(damaged)?;
            bytes.push(b'\n');
            Ok(bytes)
        })?;
        serde_json::from_slice(&bytes).map_err(damaged)
    }

    /// The content of a file that only its owner can read, created if missing. Two processes that create it at once end
    /// up with the same content.
    pub(crate) fn private_file(
        &self,
        name: &str,
        make: impl FnOnce() -> Result<Vec<u8>, DataFolderError>,
    ) -> Result<Vec<u8>, DataFolderError> {
        let path = self.file(name);
        if let Some(bytes) = read_if_there(&path)? {
            return Ok(bytes);
        }
        let bytes = make()?;
        let new = self.file(&format!(".{name}.{}", random_token(6)?));
        let written = write_private(&new, &bytes).and_then(|()| std::fs::hard_link(&new, &path));
        let removed = std::fs::remove_file(&new);
        match written {
            Ok(()) => {}
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {
                return read_if_there(&path)?
                    .ok_or_else(|| io_error(&path, std::io::ErrorKind::NotFound.into()));
            }
            Err(source) => return Err(io_error(&path, source)),
        }
        removed.map_err(|source| io_error(&new, source))?;
        Ok(bytes)
    }
}

fn read_if_there(path: &Path) -> Result<Option<Vec<u8>>, DataFolderError> {
    let mut bytes = Vec::new();
    match File::open(path).and_then(|mut file| file.read_to_end(&mut bytes)) {
        Ok(_) => Ok(Some(bytes)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(source) => Err(io_error(path, source)),
    }
}

fn write_private(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(0o600);
    }
    let mut file = options.open(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

fn io_error(path: &Path, source: std::io::Error) -> DataFolderError {
    DataFolderError::Io { path: path.to_owned(), source }
}

/// Random bytes as URL-safe text.
pub(crate) fn random_token(bytes: usize) -> Result<String, DataFolderError> {
    let mut buffer = vec![0; bytes];
    SystemRandom::new().fill(&mut buffer).map_err(|_| DataFolderError::NoRandomness)?;
    Ok(URL_SAFE_NO_PAD.encode(buffer))
}

/// Four pairs of syllables: 48 bits, and without look-alikes such as l and 1.
fn readable_password() -> Result<String, DataFolderError> {
    const CONSONANTS: &[u8; 16] = b"bdfghkmnprstvwxz";
    const VOWELS: &[u8; 4] = b"aeou";
    const SYLLABLES: usize = 8;
    let mut bytes = [0; SYLLABLES];
    SystemRandom::new().fill(&mut bytes).map_err(|_| DataFolderError::NoRandomness)?;
    let mut password = String::new();
    for (position, byte) in bytes.into_iter().enumerate() {
        if position > 0 && position % 2 == 0 {
            password.push('-');
        }
        password.push(char::from(CONSONANTS[usize::from(byte >> 4)]));
        password.push(char::from(VOWELS[usize::from(byte & 3)]));
    }
    Ok(password)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_made_once_and_private() {
        let folder = tempfile::tempdir().unwrap();
        let data = DataFolder::open(&folder.path().join("data")).unwrap();
        let first = data.secrets().unwrap();
        let second = DataFolder::open(data.path()).unwrap().secrets().unwrap();
        assert_eq!(first.deployment_secret, second.deployment_secret);
        assert_eq!(data.sign_ins().unwrap().users[0].password, data.sign_ins().unwrap().users[0].password);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
            assert_eq!(mode(data.path()), 0o700);
            assert_eq!(mode(&data.file("secrets.json")), 0o600);
            assert_eq!(mode(&data.file("sign-in.json")), 0o600);
        }
    }

    #[test]
    fn a_folder_has_one_user_at_a_time() {
        let folder = tempfile::tempdir().unwrap();
        let data = DataFolder::open(folder.path()).unwrap();
        let lock = data.lock().unwrap();
        assert!(matches!(data.lock(), Err(DataFolderError::InUse(_))));
        drop(lock);
        data.lock().unwrap();
    }
}

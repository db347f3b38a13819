import CLibSSH
import SessionModel

/// An `ssh_key` this value owns. Frees it once, when the value ends, unless the ownership was given away.
@safe struct KeyHandle: ~Copyable {
  private let raw: ssh_key

  private init(owning raw: ssh_key) { unsafe self.raw = raw }

  deinit { unsafe ssh_key_free(raw) }

  /// A public key from its type's name and base 64; nil for anything libssh does not understand.
  init?(algorithm: String, base64: String) {
    let type = unsafe ssh_key_type_from_name(algorithm)
    guard type != SSH_KEYTYPE_UNKNOWN else { return nil }
    var key: ssh_key?
    guard unsafe ssh_pki_import_pubkey_base64(base64, type, &key) == SSH_OK, let key = unsafe key else { return nil }
    unsafe self.init(owning: key)
  }

  /// An unencrypted private key in any format libssh reads.
  init?(privateText: String) {
    var key: ssh_key?
    guard unsafe ssh_pki_import_privkey_base64(privateText, nil, nil, nil, &key) == SSH_OK, let key = unsafe key
    else { return nil }
    unsafe self.init(owning: key)
  }

  /// The key a client offers in an authentication message, by a copy of its own.
  init?(offeredIn message: ssh_message) {
    guard let offered = unsafe fixline_ssh_auth_key(message) else { return nil }
    // A copy by way of its wire form: what is compared and stored is what libssh itself would write, not what was sent.
    var text: UnsafeMutablePointer<CChar>?
    guard unsafe ssh_pki_export_pubkey_base64(offered, &text) == SSH_OK, let text = unsafe text else { return nil }
    defer { unsafe ssh_string_free_char(text) }
    var key: ssh_key?
    let type = unsafe ssh_key_type(offered)
    guard unsafe ssh_pki_import_pubkey_base64(text, type, &key) == SSH_OK, let key = unsafe key else { return nil }
    unsafe self.init(owning: key)
  }

  /// A new Ed25519 key; nil when there is no randomness or memory.
  static func generateEd25519() -> KeyHandle? {
    var key: ssh_key?
    guard unsafe ssh_pki_generate(SSH_KEYTYPE_ED25519, 0, &key) == SSH_OK, let key = unsafe key else { return nil }
    return unsafe KeyHandle(owning: key)
  }

  /// Of a kind technicians may use. Certificates and security keys have types of their own in libssh and are not among them.
  var isAcceptedKind: Bool {
    switch unsafe ssh_key_type(raw) {
    case SSH_KEYTYPE_ED25519, SSH_KEYTYPE_ECDSA_P256, SSH_KEYTYPE_ECDSA_P384, SSH_KEYTYPE_ECDSA_P521, SSH_KEYTYPE_RSA:
      true
    default: false
    }
  }

  /// Ed25519, with its private half.
  var isPrivateEd25519: Bool {
    unsafe ssh_key_type(raw) == SSH_KEYTYPE_ED25519 && ssh_key_is_private(raw) != 0
  }

  /// The public half in wire form, as base 64.
  var publicBase64: String? {
    var text: UnsafeMutablePointer<CChar>?
    guard unsafe ssh_pki_export_pubkey_base64(raw, &text) == SSH_OK, let text = unsafe text else { return nil }
    defer { unsafe ssh_string_free_char(text) }
    return unsafe String(cString: text)
  }

  /// The SHA-256 of the public half's wire form.
  var fingerprint: Fingerprint? {
    var hash: UnsafeMutablePointer<UInt8>?
    var length = 0
    guard unsafe ssh_get_publickey_hash(raw, SSH_PUBLICKEY_HASH_SHA256, &hash, &length) == SSH_OK,
      let hash = unsafe hash
    else { return nil }
    defer { unsafe ssh_clean_pubkey_hash_bytes(hash) }
    return Fingerprint(unsafe Array(UnsafeBufferPointer(start: hash, count: length)))
  }

  /// Writes the private half, unencrypted, over what the file holds; the file's mode stays.
  func exportPrivate(toFile path: String) -> Bool {
    unsafe ssh_pki_export_privkey_file(raw, nil, nil, nil, path) == SSH_OK
  }

  /// Makes `bind` the owner; it is freed with it. On failure it is freed here.
  consuming func give(to bind: ssh_bind) -> Bool {
    guard unsafe fixline_ssh_bind_give_key(bind, raw) == SSH_OK else {
      _ = consume self
      return false
    }
    discard self
    return true
  }
}

/// Frees what `ssh_get_publickey_hash` returned.
private func ssh_clean_pubkey_hash_bytes(_ hash: UnsafeMutablePointer<UInt8>) {
  var pointer: UnsafeMutablePointer<UInt8>? = unsafe hash
  unsafe ssh_clean_pubkey_hash(&pointer)
}

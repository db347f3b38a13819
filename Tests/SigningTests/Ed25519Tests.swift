import SessionModel
import Signing
import Testing

@Suite struct Ed25519Tests {
  /// RFC 8032 section 7.1, TEST 1 to 3: seed, public key, message, signature.
  static let vectors: [[String]] = [
    [
      "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
      "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
      "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
    ],
    [
      "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
      "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
      "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
    ],
    [
      "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
      "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82",
      "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a",
    ],
  ]

  @Test(arguments: vectors) func signsAndVerifiesTheVectorsOfRFC8032(vector: [String]) throws {
    let bytes = try vector.map { try #require(Hex.decode($0)) }
    let key = try Ed25519PrivateKey(rawSeed: bytes[0])
    #expect(key.publicKey.rawBytes == bytes[1])
    #expect(try key.sign(bytes[2]) == bytes[3])
    #expect(key.publicKey.isValid(signature: bytes[3], for: bytes[2]))
  }

  @Test func anyFlippedBitBreaksASignature() throws {
    let key = try Ed25519PrivateKey.generate()
    let message = SecureRandom.bytes(count: 100)
    let signature = try key.sign(message)
    for bit in 0..<(signature.count * 8) {
      var changed = signature
      changed[bit / 8] ^= 1 << (bit % 8)
      #expect(!key.publicKey.isValid(signature: changed, for: message), "bit \(bit)")
    }
    for bit in 0..<(message.count * 8) {
      var changed = message
      changed[bit / 8] ^= 1 << (bit % 8)
      #expect(!key.publicKey.isValid(signature: signature, for: changed), "bit \(bit)")
    }
    #expect(!(try Ed25519PrivateKey.generate()).publicKey.isValid(signature: signature, for: message))
  }

  @Test func malformedKeysAndSignaturesAreNotValidAndDoNotCrash() throws {
    #expect(Ed25519PublicKey(rawBytes: []) == nil)
    #expect(Ed25519PublicKey(rawBytes: [UInt8](repeating: 0, count: 33)) == nil)
    let notAPoint = try #require(Ed25519PublicKey(rawBytes: [UInt8](repeating: 255, count: 32)))
    for count in [0, 1, 63, 64, 65, 4096] {
      #expect(!notAPoint.isValid(signature: [UInt8](repeating: 7, count: count), for: [1]))
    }
    #expect(throws: SigningError.self) { try Ed25519PrivateKey(rawSeed: [1, 2, 3]) }
    #expect(throws: SigningError.self) { try Ed25519PrivateKey(pem: Array("nonsense".utf8)) }
    #expect(throws: SigningError.self) { try Ed25519PrivateKey(pem: []) }
  }

  @Test func aKeySurvivesItsPEMText() throws {
    let key = try Ed25519PrivateKey.generate()
    let again = try Ed25519PrivateKey(pem: key.pem())
    #expect(again.publicKey == key.publicKey)
    #expect(again.publicKey.isValid(signature: try key.sign([1, 2]), for: [1, 2]))
    #expect(String(decoding: try key.pem(), as: UTF8.self).hasPrefix("-----BEGIN PRIVATE KEY-----\n"))
  }

  @Test func theFingerprintIsTheHashOfTheRawKey() throws {
    let key = try Ed25519PrivateKey.generate().publicKey
    #expect(key.fingerprint == SHA256.hash(key.rawBytes))
  }

  @Test func manyThreadsSignWithOneKey() async throws {
    let key = try Ed25519PrivateKey.generate()
    try await withThrowingTaskGroup(of: Bool.self) { group in
      for number in 0..<64 {
        group.addTask {
          let message = [UInt8](repeating: UInt8(number), count: number)
          return key.publicKey.isValid(signature: try key.sign(message), for: message)
        }
      }
      for try await valid in group { #expect(valid) }
    }
  }
}

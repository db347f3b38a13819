import Ledger
import SessionModel

/// What shows that a session's entries are those the receipt's head stands on: every header from the session's first entry
/// to the one that closed it. Headers of other sessions stand between them, since the chain goes through all; they have
/// number, kind, time and hashes and nothing of what was said or done.
struct ChainProof {
  /// Most headers taken along, others' among them.
  static let maximumHeaders = 200_000

  /// `SEQUENCE HASH HEADER` in hexadecimal, an entry a line.
  private(set) var headers = ""
  /// `SEQUENCE SALT-AND-TEXT` in hexadecimal, an entry of the session a line; those whose details were erased are missing.
  private(set) var payloads = ""

  /// Nil when the way is too long.
  init?(_ session: SessionID, to closing: LedgerHead, in ledger: any LedgerStore) throws(StoreError) {
    var first: UInt64?
    try ledger.forEachEntry(session: session) { first = first ?? $0.sequence }
    guard let first, closing.sequence - first < UInt64(Self.maximumHeaders) else { return nil }
    var (headers, payloads) = ("", "")
    try ledger.forEachEntry(from: first) { entry in
      guard entry.sequence <= closing.sequence else { return false }
      headers += "\(entry.sequence) \(Hex.encode(entry.hash.bytes)) \(Hex.encode(entry.header.encoded))\n"
      if entry.session == session, let payload = entry.payload {
        payloads += "\(entry.sequence) \(Hex.encode(payload.salt + payload.text))\n"
      }
      return true
    }
    self.headers = headers
    self.payloads = payloads
  }

  /// For whoever wants to check it himself, and with what.
  static let explanation = """
    How to check this session against its receipt
    =============================================

    The relay writes everything that bears on money into one chain of entries. Each entry has a header, and each header holds
    the hash of the entry before it. So the hash of one entry stands for all entries before it: change, add or leave out
    any, and that hash is another. The receipt (receipt.json, member "chain") names the hash of the entry that closed the
    session, and the customer has had it since then.

    headers.txt   a line an entry, from the session's first to the one that closed it, others' in between:
                  number, SHA-256 of the header, the header in hexadecimal
    payloads.txt  a line an entry of this session: number, salt and text in hexadecimal. Details that were erased by law
                  are not here; the chain holds without them.

    A header has these bytes, numbers big endian: version (2, is 1), bytes that follow (2), number of the entry (8), kind
    (2), milliseconds since 1970 (8), hash of the entry before (32), hash of the details (32), length of the session's name
    (1), the session's name. The hash of the details is SHA-256 of the salt (16 bytes) and the text, which is JSON.

    To check:
    1. SHA-256 of each header is the hash in its line.
    2. Each header holds the hash of the line before it: characters 45 to 108 of the hexadecimal.
    3. The last line's number and hash are those of "chain" in the receipt.
    4. SHA-256 of each line of payloads.txt is what its header holds: characters 109 to 172.
    5. The receipt is genuine: fixline-agent verify receipt.json --key sha256:...

    sh check.sh does 1 to 4 with sha256sum and perl. It needs nothing of Fixline; read it, it is short.

    """

  /// Steps 1 to 4 in POSIX sh.
  static let program = """
    #!/bin/sh
    # Checks headers.txt and payloads.txt against ../receipt.json: see HOWTO.txt. Needs sha256sum and perl.
    cd "$(dirname "$0")" || exit 2
    sha() { perl -ne 'chomp; print pack("H*", $_)' | sha256sum | cut -c1-64; }
    last=; number=; count=0
    while read -r sequence hash header; do
      [ "$(printf '%s' "$header" | sha)" = "$hash" ] || { echo "entry $sequence: the header has another hash"; exit 1; }
      before=$(printf '%s' "$header" | cut -c45-108)
      [ -z "$last" ] || [ "$before" = "$last" ] || { echo "entry $sequence: not chained to the one before"; exit 1; }
      last=$hash; number=$sequence; count=$((count + 1))
    done < headers.txt
    [ "$count" -gt 0 ] || { echo "there are no headers"; exit 1; }
    details=0
    while read -r sequence payload; do
      wanted=$(grep "^$sequence " headers.txt | cut -d' ' -f3 | cut -c109-172)
      [ "$(printf '%s' "$payload" | sha)" = "$wanted" ] || { echo "entry $sequence: other details"; exit 1; }
      details=$((details + 1))
    done < payloads.txt
    if [ -f ../receipt.json ]; then
      grep -qF '\\"chain\\":{\\"sequence\\":'"$number"',\\"hash\\":\\"sha256:'"$last"'\\"}' ../receipt.json ||
        { echo "the receipt names another entry than $number $last"; exit 1; }
    fi
    echo "sound: $count entries in a chain, $details of this session with their details, up to entry $number"

    """
}

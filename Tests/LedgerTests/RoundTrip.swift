import Ledger
import SessionModel
import Testing

/// Writes a payload, reads it back, once with a member more, and without each member that is not `optional`; returns what
/// was written.
func roundTrip<Payload: EntryPayload>(
  _ payload: Payload, optional: Set<String> = ["address", "command", "exit", "note", "reason", "technician"]
) throws -> String {
  let text = payload.json.text
  #expect(try Payload(json: try JSONValue(parsing: text)) == payload)
  var more = payload.json
  more["added_by_a_newer_program"] = [1, 2]
  #expect(try Payload(json: more) == payload)
  let members = payload.json.object?.keys ?? []
  for key in members where !optional.contains(key) {
    var less = payload.json
    less[key] = nil
    #expect(throws: PayloadError.self, "\(key) is needed") { try Payload(json: less) }
  }
  #expect(throws: PayloadError.self) { try Payload(json: []) }
  return text
}

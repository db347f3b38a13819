import Ledger
import LedgerSQLite
import Logging
import TunnelTransport

/// What the ledger says about business: folded at the start, read on before each decision, because commands append beside
/// this relay.
extension RelayCore {
  func readRegister() {
    do {
      try services.ledger.update(&register)
      isRegisterStale = false
    } catch {
      // What is known already holds meanwhile.
      if !isRegisterStale { services.log.error("Plans, customers and cases could not be read again: \(error)") }
      isRegisterStale = true
      journal.found(error)
      if journal.hasNews { post { $0.flushRecords(at: BootClock.now()) } }
    }
  }
}

/// The few sentences that both programs say: the relay in a receipt's text, the agent where the relay is out of reach.
extension Language {
  /// What a customer wants to know most when a session has ended.
  public var visitIsOver: String {
    switch self {
    case .english: "The visit is over. No one is connected."
    case .korean: "작업이 끝났습니다. 지금 연결된 사람은 없습니다."
    case .finnish: "Käynti on päättynyt. Kukaan ei ole enää yhteydessä."
    case .russian: "Сеанс окончен. Никто больше не подключён."
    case .polish: "Wizyta zakończona. Nikt nie jest już połączony."
    }
  }

  /// How a receipt in the file at `path` is checked.
  public func checkReceipt(path: String) -> String {
    let label =
      switch self {
      case .english: "Check it"
      case .korean: "확인 방법"
      case .finnish: "Tarkistus"
      case .russian: "Проверка"
      case .polish: "Sprawdzenie"
      }
    return "\(label): fixline-agent verify \(path)"
  }
}

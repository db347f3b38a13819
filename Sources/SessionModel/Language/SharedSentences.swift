/// The few sentences that both programs say: the relay in a receipt's text, the agent where the relay is out of reach.
extension Language {
  /// The visit is over, and its receipt cannot be made yet: the relay's disk does not take the record.
  public var receiptFollows: String {
    switch self {
    case .english: "Your receipt follows as soon as it is on record. Please leave this window open."
    case .korean: "기록이 끝나는 대로 영수증을 보내 드립니다. 이 창을 열어 두세요."
    case .finnish: "Kuitti tulee heti, kun se on kirjattu. Jättäkää tämä ikkuna auki."
    case .russian: "Квитанция придёт, как только будет записана. Не закрывайте это окно."
    case .polish: "Pokwitowanie nadejdzie, gdy zostanie zapisane. Proszę nie zamykać tego okna."
    }
  }

  /// The visit is over, and its receipt will never be made: the relay's records are not what was written.
  public var recordsDamaged: String {
    switch self {
    case .english: "The shop's records are damaged: nothing is charged for this visit."
    case .korean: "업체의 기록이 손상되어 이번 작업에는 요금이 청구되지 않습니다."
    case .finnish: "Liikkeen kirjanpito on vaurioitunut: tästä käynnistä ei veloiteta."
    case .russian: "Записи фирмы повреждены: за этот сеанс ничего не начислено."
    case .polish: "Zapisy firmy są uszkodzone: za tę wizytę nic nie naliczono."
    }
  }

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

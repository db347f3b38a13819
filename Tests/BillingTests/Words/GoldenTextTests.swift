import SessionModel
import Testing

@testable import Billing

/// The texts people read most, word for word. No-break spaces stand here as spaces.
struct GoldenTextTests {
  private func plain(_ text: String) -> String { text.split(separator: "\u{a0}").joined(separator: " ") }

  @Test(
    arguments: [
      (
        .english,
        """
        Who: anna, Kallio PC, +358 40 123 4567
        Why: printer does not print
        Price, VAT included: 22.50 EUR for the first 15 minutes,
        then 9.00 EUR for every 6 minutes begun.
        We stop and ask you before it passes 180.00 EUR.
        They can change files and use your network. Ctrl+C stops it.
        Start now? When it is done, the 14-day right to cancel ends.
        Type y = yes, and I will pay.    n = no, it costs nothing.
        """
      ),
      (
        .korean,
        """
        기사: anna, Kallio PC, +358 40 123 4567
        이유: printer does not print
        요금(부가세 포함): 처음 15분 22.50유로,
        그 뒤 6분이 시작될 때마다 9.00유로입니다.
        180.00유로 넘기 전에 멈추고 먼저 여쭤봅니다.
        허용: 파일 변경, 네트워크 사용. Ctrl+C로 모두 멈춥니다.
        지금 시작할까요? 작업 후에는 14일 청약철회가 안 됩니다.
        y(예) = 동의하고 요금을 냅니다.    n(아니요) = 무료입니다.
        """
      ),
      (
        .finnish,
        """
        Kuka: anna, Kallio PC, +358 40 123 4567
        Miksi: printer does not print
        Hinta (sis. alv): 22,50 € ensimmäisiltä 15 minuutilta,
        sitten 9,00 € jokaiselta alkavalta 6 minuutilta.
        Pysähdymme ja kysymme, ennen kuin 180,00 € ylittyy.
        Lupa: muuttaa tiedostoja, käyttää verkkoa. Ctrl+C lopettaa.
        Aloitammeko nyt? Työn jälkeen 14 pv:n peruutusoikeus lakkaa.
        k tai y = kyllä, maksan.    e tai n = ei, maksutta.
        """
      ),
      (
        .russian,
        """
        Кто: anna, Kallio PC, +358 40 123 4567
        Зачем: printer does not print
        Цена с НДС: 22,50 € за первые 15 минут,
        затем 9,00 € за каждые начатые 6 минут.
        Остановимся и спросим Вас, прежде чем превысить 180,00 €.
        Доступ: изменение файлов и выход в сеть. Ctrl+C: стоп.
        Начать сейчас? После работы право отказа (14 дней) истекает.
        д или y = да, я заплачу.    н или n = нет, это бесплатно.
        """
      ),
      (
        .polish,
        """
        Kto: anna, Kallio PC, +358 40 123 4567
        Po co: printer does not print
        Cena z VAT: 22,50 € za pierwsze 15 minut,
        potem 9,00 € za każde rozpoczęte 6 minut.
        Zatrzymamy się i zapytamy, zanim przekroczymy 180,00 €.
        Dostęp: zmiana plików, korzystanie z sieci. Ctrl+C kończy.
        Zacząć teraz? Po pracy wygasa 14-dniowe prawo odstąpienia.
        t lub y = tak, zapłacę.    n = nie, to nic nie kosztuje.
        """
      ),
    ] as [(Language, String)])
  func consent(language: Language, text: String) throws {
    var facts = try Samples.consent()
    facts.limits.sessionAmount = Samples.money("180.00")
    #expect(plain(ConsentText.text(facts, in: language)) == text)
  }

  @Test(
    arguments: [
      (
        .english,
        """
        RECEIPT k3x9q7ab, 2 March 2026
        Kallio PC, Kaarlenkatu 5, Helsinki, +358 40 123 4567,
        VAT FI12345678
        For Example Oy: printer does not print
        Result: fixed, by anna
        Worked   12 min  (10:02-10:09, 10:15-10:20)
        Charged  15 min  (the agreed minimum)
        TO PAY   22.50 EUR  (VAT 25.5 %, 4.57, included)
        Pay later: the invoice comes to office@example.fi.
        You said yes to this price at 10:01.
        Same problem? Free until the end of 1 April 2026.
        Questions? Call +358 40 123 4567 first.
        The visit is over. No one is connected.
        Check it: fixline-agent verify receipts/k3x9q7ab.json
        """
      ),
      (
        .korean,
        """
        영수증 k3x9q7ab, 2026년 3월 2일
        Kallio PC, Kaarlenkatu 5, Helsinki, +358 40 123 4567,
        부가세 번호 FI12345678
        고객 Example Oy: printer does not print
        결과: 해결됨, 담당 anna
        작업      12분  (10:02~10:09, 10:15~10:20)
        청구      15분  (합의한 최소 시간)
        내실 금액 22.50유로  (부가세 25.5%, 4.57 포함)
        나중에 결제: 청구서를 office@example.fi 주소로 보내
        드립니다.
        10:01에 이 요금에 동의하셨습니다.
        같은 문제인가요? 2026년 4월 1일까지 무료입니다.
        궁금하신 점은 먼저 전화해 주세요: +358 40 123 4567.
        작업이 끝났습니다. 지금 연결된 사람은 없습니다.
        확인 방법: fixline-agent verify receipts/k3x9q7ab.json
        """
      ),
      (
        .finnish,
        """
        KUITTI k3x9q7ab, 2.3.2026
        Kallio PC, Kaarlenkatu 5, Helsinki, +358 40 123 4567,
        ALV-tunniste FI12345678
        Asiakas Example Oy: printer does not print
        Tulos: korjattu, tekijä anna
        Työaika    12 min  (10.02–10.09, 10.15–10.20)
        Veloitus   15 min  (sovittu vähimmäisaika)
        MAKSETTAVA 22,50 €  (sis. alv 25,5 %, 4,57)
        Maksu myöhemmin: lasku tulee osoitteeseen office@example.fi.
        Hyväksyitte tämän hinnan klo 10.01.
        Sama vika uudelleen? Maksutta 1.4.2026 loppuun asti.
        Kysyttävää? Soittakaa ensin: +358 40 123 4567.
        Käynti on päättynyt. Kukaan ei ole enää yhteydessä.
        Tarkistus: fixline-agent verify receipts/k3x9q7ab.json
        """
      ),
      (
        .russian,
        """
        КВИТАНЦИЯ k3x9q7ab, 2 марта 2026 года
        Kallio PC, Kaarlenkatu 5, Helsinki, +358 40 123 4567,
        НДС № FI12345678
        Клиент Example Oy: printer does not print
        Итог: исправлено, специалист anna
        Работа     12 мин  (10:02–10:09, 10:15–10:20)
        Начислено  15 мин  (согласованный минимум)
        К ОПЛАТЕ   22,50 €  (в том числе НДС 25,5 %, 4,57)
        Оплата потом: счёт придёт на адрес office@example.fi.
        Вы согласились на эту цену в 10:01.
        Та же проблема? Бесплатно до конца дня 1 апреля 2026 года.
        Есть вопросы? Сначала позвоните: +358 40 123 4567.
        Сеанс окончен. Никто больше не подключён.
        Проверка: fixline-agent verify receipts/k3x9q7ab.json
        """
      ),
      (
        .polish,
        """
        POKWITOWANIE k3x9q7ab, 2 marca 2026 roku
        Kallio PC, Kaarlenkatu 5, Helsinki, +358 40 123 4567,
        NIP FI12345678
        Klient Example Oy: printer does not print
        Wynik: naprawione, technik anna
        Praca      12 min  (10:02–10:09, 10:15–10:20)
        Naliczono  15 min  (uzgodnione minimum)
        DO ZAPŁATY 22,50 €  (w tym VAT 25,5%, 4,57)
        Płatność później: faktura przyjdzie na office@example.fi.
        Zgoda na tę cenę: godz. 10:01.
        Ten sam problem? Bezpłatnie do końca dnia
        1 kwietnia 2026 roku.
        Pytania? Prosimy najpierw zadzwonić: +358 40 123 4567.
        Wizyta zakończona. Nikt nie jest już połączony.
        Sprawdzenie: fixline-agent verify receipts/k3x9q7ab.json
        """
      ),
    ] as [(Language, String)])
  func receipt(language: Language, text: String) throws {
    #expect(plain(ReceiptText.text(try Samples.fullReceipt(), in: language)) == text)
  }
}

import SessionModel

extension DeskCommand {
  static let helpText = """
    The desk of this relay. Type, after ssh desk@RELAY (all of it with --json too):
      list                               the open sessions you may see
      show SESSION|CASE                  where it stands, what was promised, advised and agreed
      close SESSION --outcome OUTCOME [--note TEXT] [--keep-promise | --break-promise REASON]
                                         end a session; OUTCOME is one of
                                         \(Outcome.closable.map(\.rawValue).joined(separator: ", "))
      note SESSION|CASE TEXT             write something down

      case new --title TEXT [--customer ID]
      case list [--customer ID] [--all] | case show CASE
      case close CASE [--break-promise REASON]
                                         then: ssh CODE+CASE@RELAY, or CODE+new for a new problem
      verify CODE|SESSION --customer ID --fact KEY=VALUE
                                         who is on the phone: his number and one more fact;
                                         an open session becomes his, never at a higher price
      promise CASE --text TEXT [--price AMOUNT] [--until YYYY-MM-DD]
                                         what the customer was told; everybody sees it and it is kept
      promise break CASE NUMBER --reason TEXT
                                         it cannot be kept; case show has the numbers

      quote SESSION|CASE --fixed AMOUNT|--not-to-exceed AMOUNT --text TEXT
                                         a price for the case; it binds once the customer says yes
      work SESSION TYPE                  the kind of work from now on
      advise SESSION --text TEXT [--declined]
                                         what he was advised; what he declined is on his receipt
      discount SESSION --percent N|--amount AMOUNT --reason TEXT
      waive SESSION --reason TEXT        take something, or all, off the price
      ask SESSION                        ask the customer once more whether to go on past a limit
      override SESSION --reason TEXT     go on past a limit (supervisors)
      help                               this text

    """
}

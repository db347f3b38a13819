/// What `--help` and `--version` print.
enum HelpText {
  static let version = "0.1.0"
  /// How the agent names itself to a relay.
  static let software = "fixline-agent/\(version)"

  static let text = """
    fixline-agent: lets a technician help you on this computer. Nothing happens until you say yes.

    usage: fixline-agent --relay HOST:PORT [flags]

      --relay HOST:PORT     the relay your technician named
      --pin sha256:HEX      the relay's key; replaces the check of its certificate and name
      --consent ask|yes     ask: you are asked each time (default); yes: your own standing yes
      --json                events, one JSON object a line
      --language TAG        the language you want to be asked in, such as en, fi, pt-BR
      --state DIR           remember this computer's key and the relay's; without it nothing is kept
      --read-only           file transfers may read, not change (a shell still can: add --no-shell)
      --files DIR           file transfers in this folder only (a shell still goes anywhere)
      --no-shell            no shells and commands
      --no-forward          no connections to other computers from here
      --help, --version

      fixline-agent verify RECEIPT [--key sha256:HEX] [--state DIR]        checks a receipt, offline
      fixline-agent enroll --relay HOST:PORT --token TOKEN [--name NAME]   not available yet

    Ctrl+C stops everything at once.

    exit status of verify: 0 genuine; 1 not genuine; 2 consistent, but no key to trust was given (--key, --state), or
    provisional; 66 the file cannot be read. Otherwise: 0 you ended it; 64 wrong usage; 69 not available yet; 71 this computer lacks something needed;
    73 the state directory cannot be used; 76 the relay is not the one expected; 79 another agent took this one's place.
    """
}

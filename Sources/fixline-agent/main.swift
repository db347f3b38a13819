import Agent
import Glibc

// A static executable would load the host's name service modules, made for another libc: it is told to do without them
// before anything is looked up. <nss.h> is in no module map, hence the name by hand; two pointers in and an int out are
// passed alike by Swift and C. Then the program, which forks its guardian before the first thread exists.
@_silgen_name("__nss_configure_lookup")
private func configureNameService(_ database: UnsafePointer<CChar>, _ services: UnsafePointer<CChar>) -> CInt

_ = unsafe configureNameService("hosts", "files dns")
_ = unsafe configureNameService("passwd", "files")

exit(AgentProgram.run(arguments: Array(CommandLine.arguments.dropFirst())).rawValue)

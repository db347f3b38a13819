import Foundation
import Glibc
import Testing

@testable import fixline_bench

@Suite("Parts") struct PartTests {
  @Test func `pinned holds every host to one cipher, stock names none`() {
    var configuration = ClientConfiguration(directory: "/d", pinned: true)
    configuration.hosts = [
      .init(alias: "jump", port: 1, user: "u"), .init(alias: "reverse", port: 2, user: "u", jump: "jump"),
    ]
    let lines = configuration.text.split(separator: "\n")
    let general = lines.prefix { !$0.hasPrefix("Host jump") }
    #expect(general.contains("  Ciphers aes256-gcm@openssh.com"))
    #expect(lines.filter { $0.contains("ProxyJump") } == ["  ProxyJump jump"])
    #expect(!ClientConfiguration(directory: "/d", pinned: false).text.contains("Ciphers"))
  }

  @Test func `a complaint is one line that is safe to show`() {
    #expect(Complaint.line("ssh", status: 255, "") == "ssh ended with status 255: it said nothing")
    #expect(Complaint.line("one\r\n\n  two \n") == "one / two")
    #expect(!Complaint.line("red \u{1b}[31mtext").contains("\u{1b}"))
    #expect(Complaint.line(String(repeating: "x", count: 9000)).count == Complaint.characters)
  }

  @Test func `a marker has arrived when its last byte has`() {
    let start = ContinuousClock.now
    var transcript = Transcript()
    for (index, piece) in ["wait\ng", "o", "\nrest", "go\n"].enumerated() {
      transcript.append(Data(piece.utf8), at: start.advanced(by: .seconds(index)))
    }
    #expect(transcript.arrival(of: "go\n") == start.advanced(by: .seconds(2)))
    #expect(transcript.arrival(of: "wait") == start)
    #expect(transcript.arrival(of: "never") == nil)
  }

  @Test func `a process's name may hold spaces and parentheses`() {
    let stat = "12 (a) b (c) S 1 2 3 4 5 6 7 8 9 10 150 50 0 0 20 0 1 0 99"
    #expect(ProcessProbe.cpuTicks(stat: stat) == 200)
    #expect(ProcessProbe.cpuTicks(stat: "12 (a") == nil)
    #expect(ProcessProbe.cpuTicks(stat: "") == nil)
    #expect(ProcessProbe.resident(statm: "100 3 1 1 0 1 0") == 3 * sysconf(Int32(_SC_PAGESIZE)))
    #expect(ProcessProbe.resident(statm: "") == nil)
  }

  @Test func `this process is found, with memory and time`() throws {
    let probe = try ProcessProbe(pid: getpid())
    #expect(probe.residentAtStart > 1 << 20)
    #expect(try #require(probe.cpuSeconds) >= 0)
    #expect(ProcessProbe.children(of: getppid()).contains(getpid()))
    #expect(throws: BenchFailure.self) { try ProcessProbe(pid: -1) }
  }

  @Test func `the room there is for many programs is read from the kernel`() throws {
    #expect(try #require(MachineFacts.availableBytes()) > 1 << 20)
    #expect((MachineFacts.openFilesLimit() ?? .max) > 16)
  }

  @Test func `the processor's name is the first one, or unknown`() {
    #expect(MachineFacts.model(cpuinfo: "processor: 0\nmodel name\t: EPYC 9: 64\nmodel name\t: other") == "EPYC 9: 64")
    #expect(MachineFacts.model(cpuinfo: "Hardware: board") == "unknown processor")
  }
}

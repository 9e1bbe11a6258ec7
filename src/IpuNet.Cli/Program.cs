using System.Runtime.InteropServices;
using System.Text;
using IpuNet.Cli.CommandLine;
using IpuNet.Cli.Terminals;
using IpuNet.Faces.Models;
using IpuNet.Faces.Privacy;
using IpuNet.Service.Hosting;

ProcessPrivacy.KeepFilesPrivate();
Console.OutputEncoding = Encoding.UTF8;
using var stop = new CancellationTokenSource();
using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
var terminal = new Terminal(Console.Out, Console.Error);
Failure.EndProcessQuietly(error => IpuNetCommandLine.Say(error, args, terminal), ExitCode.SomeFailed);
try
{
    return await IpuNetCommandLine.RunAsync(args, terminal, stop.Token);
}
finally
{
    OnnxSession.EndAll();
}

void Stop(PosixSignalContext signal)
{
    // The first time what is in hand is brought to an end; the second time the process ends at once.
    signal.Cancel = !stop.IsCancellationRequested;
    stop.Cancel();
}

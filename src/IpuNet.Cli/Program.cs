using System.Runtime.InteropServices;
using System.Text;
using IpuNet.Cli.CommandLine;
using IpuNet.Cli.Terminals;
using IpuNet.Faces.Models;
using IpuNet.Faces.Privacy;

ProcessPrivacy.KeepFilesPrivate();
Console.OutputEncoding = Encoding.UTF8;
using var stop = new CancellationTokenSource();
using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
try
{
    return await IpuNetCommandLine.RunAsync(args, new Terminal(Console.Out, Console.Error), stop.Token);
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

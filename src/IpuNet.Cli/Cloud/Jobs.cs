using IpuNet.Service.Queues;
using IpuNet.Service.Storage;

namespace IpuNet.Cli.Cloud;

/// <summary>The service's queues, as a command sends to them.</summary>
internal static class Jobs
{
    public static JobQueue Queue(StorageAccount account, string name) =>
        new(account, name, new PoisonLog(account), Microsoft.Extensions.Options.Options.Create(new QueueOptions()), TimeProvider.System);
}

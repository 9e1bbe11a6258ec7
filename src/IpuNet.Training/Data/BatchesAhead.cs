using System.Runtime.CompilerServices;
using System.Threading.Channels;

namespace IpuNet.Training.Data;

/// <summary>Makes the batches of a training a few steps ahead, in the background.</summary>
internal static class BatchesAhead
{
    private const int Ahead = 4;

    /// <summary>The batches of the steps from <paramref name="step"/> to before <paramref name="end"/>.</summary>
    /// <param name="make">Makes the batch of a step. It is called for one step after the other, on another thread.</param>
    /// <param name="step">The first step.</param>
    /// <param name="end">The step behind the last one.</param>
    /// <param name="cancellation">Stops the work.</param>
    public static async IAsyncEnumerable<T> Make<T>(
        Func<int, T> make, int step, int end, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var channel = Channel.CreateBounded<T>(Ahead);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        Task producer = Task.Run(async () =>
        {
            try
            {
                for (int s = step; s < end; s++)
                    await channel.Writer.WriteAsync(make(s), stop.Token);
                channel.Writer.Complete();
            }
            catch (Exception e)
            {
                channel.Writer.Complete(e);
            }
        }, CancellationToken.None);
        try
        {
            await foreach (var made in channel.Reader.ReadAllAsync(cancellation))
            {
                // A cancelled channel still returns the batches that it holds.
                cancellation.ThrowIfCancellationRequested();
                yield return made;
            }
        }
        finally
        {
            await stop.CancelAsync();
            await producer;
        }
    }
}

/// <summary>The order in which images are drawn: each epoch draws every image once, in a new order. For one thread at a time.</summary>
/// <param name="count">Number of images.</param>
/// <param name="seed">Seed of the orders.</param>
internal sealed class EpochOrder(int count, int seed)
{
    private (int Epoch, int[] Order) _epoch = (-1, []);

    /// <summary>The index of the image that is drawn at a position, counted from 0 over all epochs.</summary>
    public int this[long drawn] => OrderOf((int)(drawn / count))[drawn % count];

    private int[] OrderOf(int epoch)
    {
        if (_epoch.Epoch != epoch)
        {
            int[] order = [.. Enumerable.Range(0, count)];
            new Random(seed + epoch).Shuffle(order);
            _epoch = (epoch, order);
        }
        return _epoch.Order;
    }
}

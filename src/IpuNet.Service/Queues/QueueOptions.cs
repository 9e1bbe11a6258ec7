using System.ComponentModel.DataAnnotations;

namespace IpuNet.Service.Queues;

/// <summary>How queues are read.</summary>
/// <remarks>Configuration section <see cref="Section"/>.</remarks>
public sealed class QueueOptions
{
    /// <summary>Name of the configuration section.</summary>
    public const string Section = "Queues";

    /// <summary>How long a message stays hidden from other readers after its reader was last heard of; it is renewed at a third of it.</summary>
    /// <value>60 s by default. What a reader that died held is worked on again after this time.</value>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00")]
    public TimeSpan VisibilityTimeout { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>Longest pause between two looks at an empty queue. The first is 0.1 s, and each is twice the one before.</summary>
    /// <value>2 s by default.</value>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:05:00")]
    public TimeSpan LongestPoll { get; set; } = TimeSpan.FromSeconds(2);
}

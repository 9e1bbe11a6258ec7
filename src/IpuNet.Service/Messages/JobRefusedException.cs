namespace IpuNet.Service.Messages;

/// <summary>A job that will never succeed as it is: it goes to poison at once.</summary>
/// <param name="category">One word for metrics, such as "schema".</param>
/// <param name="reason">What is wrong and the way out, for whoever sent it; without personal data.</param>
/// <param name="inner">What it comes from.</param>
public sealed class JobRefusedException(string category, string reason, Exception? inner = null) : Exception(reason, inner)
{
    /// <summary>One word for metrics.</summary>
    public string Category { get; } = category;
}

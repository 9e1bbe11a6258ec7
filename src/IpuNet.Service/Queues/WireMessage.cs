using System.Text;
using System.Text.Unicode;

namespace IpuNet.Service.Queues;

/// <summary>The form that messages have in a queue: base64 of UTF-8.</summary>
internal static class WireMessage
{
    /// <summary>Most bytes of a message. Base64 makes the 64 KiB of them that a queue takes.</summary>
    public const int MaxBytes = 48 << 10;

    /// <summary>Most characters of its form in a queue.</summary>
    public const int MaxWireLength = 64 << 10;

    /// <summary>A message's time to live. Without it, storage drops a message after a week.</summary>
    public static readonly TimeSpan Forever = TimeSpan.FromSeconds(-1);

    public static string Encode(ReadOnlySpan<byte> json) => Convert.ToBase64String(json);

    /// <summary>The bytes; null where they are not base64.</summary>
    public static byte[]? Decode(string wire)
    {
        var bytes = new byte[wire.Length];
        return Convert.TryFromBase64String(wire, bytes, out int written) ? bytes[..written] : null;
    }

    /// <summary>What people are shown of a message: its text, or where it is none what the queue holds.</summary>
    public static string Show(string wire) => Decode(wire) is { } bytes && Utf8.IsValid(bytes) ? Encoding.UTF8.GetString(bytes) : wire;
}

using CsCheck;

namespace IpuNet.Testing;

/// <summary>
/// Damages files at random, and checks their reader. A reader may accept a damaged file, or refuse it with a documented exception. It must
/// end within a minute. The memory that it takes must be in proportion to the length of the file.
/// </summary>
/// <remarks>A run takes a second or two. CsCheck_Time=300 makes each run last 300 seconds. CsCheck_Seed repeats a run.</remarks>
public static class Mutations
{
    // Number of damaged files in a sample. CsCheck counts samples, so this gives more damaged files.
    private const int Each = 10;
    private const int LongestEdit = 16;

    // One or two bytes of a file can become an object in memory.
    private const long BytesEach = 512, BytesAlways = 64 << 20;

    private static readonly TimeSpan MostTime = TimeSpan.FromMinutes(1);

    private static readonly string[] JsonTokens =
    [
        "null", "true", "-1", "0", "1e999", "9223372036854775808", "\"\"", "\"x\"", "[]", "{}", "[null]", "NaN", ",", ":", "\"", "[[[[",
        "{\"a\":", "\\u0000", "\\ud800",
    ];

    private static readonly byte[][] Tokens =
    [
        .. JsonTokens.Select(System.Text.Encoding.UTF8.GetBytes),
        [0], [0xff], [0x80], [0xff, 0xff, 0xff, 0xff], [0xff, 0xff, 0xff, 0x7f], [0, 0, 0, 0x80], [0, 0, 0, 0, 0, 0, 0, 0],
        [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f],
    ];

    private static readonly Gen<Edit> Edits = Gen.Select(
        Gen.Int[0, 6], Gen.Double[0, 1], Gen.Byte.Array[0, LongestEdit], Gen.Int[0, Tokens.Length - 1])
        .Select((kind, at, bytes, token) => new Edit(kind, at, bytes, token));

    /// <summary>Damages files, and checks their reader.</summary>
    /// <param name="files">The files before the damage. The reader must accept them.</param>
    /// <param name="read">The reader.</param>
    /// <param name="isRefusal">Whether the reader documents an exception.</param>
    /// <param name="claimed">Bytes that the reader may allocate in addition to those in proportion to the length of the file.</param>
    public static void Survive(IReadOnlyList<byte[]> files, Action<byte[]> read, Func<Exception, bool> isRefusal, long claimed = 0)
    {
        foreach (byte[] file in files)
            read(file);
        Gen.Select(Gen.Int[0, files.Count - 1], Edits.Array[1, 4].Array[Each]).Sample(
            (index, damages) =>
            {
                foreach (Edit[] edits in damages)
                {
                    byte[] damaged = edits.Aggregate(files[index], (bytes, edit) => edit.Apply(bytes));
                    Task<string?> attempt = Task.Run(() => FaultOf(damaged, read, isRefusal, claimed));
                    if (!attempt.Wait(MostTime))
                        throw new TimeoutException($"The reader has not ended after {MostTime}. The file is {Shown(damaged)}.");
                    if (attempt.Result is { } fault)
                        throw new InvalidOperationException($"{fault} The file is {Shown(damaged)}.");
                }
            },
            threads: 1);
    }

    private static string? FaultOf(byte[] file, Action<byte[]> read, Func<Exception, bool> isRefusal, long claimed)
    {
        long before = GC.GetAllocatedBytesForCurrentThread();
        try
        {
            read(file);
        }
        catch (Exception error) when (isRefusal(error))
        {
        }
        catch (Exception error)
        {
            return error.ToString();
        }

        long taken = GC.GetAllocatedBytesForCurrentThread() - before;
        return taken <= BytesEach * file.Length + BytesAlways + claimed
            ? null
            : $"The reader took {taken:N0} bytes for a file of {file.Length:N0}.";
    }

    private static string Shown(byte[] file) => file.Length <= 4096 ? Convert.ToBase64String(file) : $"{file.Length:N0} bytes";

    private sealed record Edit(int Kind, double At, byte[] Bytes, int Token)
    {
        public byte[] Apply(byte[] file)
        {
            int at = (int)(At * file.Length), end = Math.Min(file.Length, at + Bytes.Length);
            return Kind switch
            {
                // Overwrites, replaces or inserts, with random bytes or with a token.
                0 => [.. file[..at], .. Bytes, .. file[end..]],
                1 => [.. file[..at], .. Bytes, .. file[at..]],
                2 => [.. file[..at], .. file[end..]],
                3 => [.. file[..at], .. Tokens[Token], .. file[Math.Min(file.Length, at + Tokens[Token].Length)..]],
                4 => [.. file[..at], .. Tokens[Token], .. file[at..]],
                5 => file[..at],
                _ => [.. file[..end], .. file[at..]],
            };
        }
    }
}

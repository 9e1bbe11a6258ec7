using System.IO.Compression;
using IpuNet.Service.Intake;

namespace IpuNet.Service.Tests.Intake;

/// <summary>Archives that are refused as a whole, or except for "good.png"; each with a part of the expected reason.</summary>
internal static class BadArchives
{
    public static readonly UploadLimits Limits = new() { MaxImageBytes = 1 << 20, MaxArchiveBytes = 4 << 20, MaxUnpackedBytes = 3 << 20 };

    private const uint Encrypted = 1, SymbolicLink = 0xA1FF0000, Lzma = 14;

    private static readonly byte[] Two = TestArchive.Of("good.png", "evil.png");

    /// <summary>Archives that are refused as a whole.</summary>
    public static readonly Dictionary<string, (byte[] Content, string Reason)> Whole = new()
    {
        ["text"] = ("no archive at all, just text"u8.ToArray(), "not a usable .zip file"),
        ["four bytes"] = ("junk"u8.ToArray(), "It is damaged, or its end is missing."),
        ["its first half"] = (Two[..(Two.Length / 2)], "not a usable .zip file"),
        ["its second half"] = (Two[(Two.Length / 2)..], "not a usable .zip file"),
        ["directory elsewhere"] = (Two.With(0, 0, 0xFFFFFFFF), "not a usable .zip file"),
        ["no entry"] = (TestArchive.Of(Array.Empty<string>()), "it contains no image"),
        ["folders and hidden files"] = (
            TestArchive.Of(("a/", []), ("a/.hidden.png", [1]), ("__MACOSX/a/b.png", [1])), "it contains no image"),
        ["text files"] = (TestArchive.Of("a.txt", "b.exe"), "none of its entries"),
        ["10,001 entries"] = (
            TestArchive.Of([.. Enumerable.Range(0, 10_001).Select(i => ($"{i}.png", Array.Empty<byte>()))]), "10,001 entries"),
        ["too much in all"] = (
            TestArchive.Of(
                CompressionLevel.NoCompression,
                [.. Enumerable.Range(0, 4).Select(i => ($"{i}.png", TestArchive.Picture($"{i}", 1 << 20)))]),
            "entries have 4,194,304 bytes"),
        ["entries over each other"] = (OverEachOther(), "its entries overlap"),
        ["a directory of 300,000 entries"] = (LongDirectory(), "directory is too long"),
    };

    /// <summary>Archives of which only "good.png" is accepted.</summary>
    public static readonly Dictionary<string, (byte[] Content, string Reason)> Partly = new()
    {
        ["bomb"] = (
            TestArchive.Of(CompressionLevel.SmallestSize, ("good.png", TestArchive.Picture("good")), ("evil.png", new byte[1 << 20])),
            "times as long as its packed form"),
        ["bomb that says it is small"] = (
            TestArchive.Of(CompressionLevel.SmallestSize, ("good.png", TestArchive.Picture("good")), ("evil.png", new byte[1 << 20])).With(
                1, TestArchive.Length, 1000),
            "damaged"),
        ["too long"] = (
            TestArchive.Of(
                CompressionLevel.NoCompression, ("good.png", TestArchive.Picture("good")),
                ("evil.png", TestArchive.Picture("e", (1 << 20) + 1))),
            "1,048,577 bytes"),
        ["shorter than it says"] = (Two.With(1, TestArchive.Length, 300), "its length differs"),
        ["longer than it says"] = (Two.With(1, TestArchive.Length, 100), "damaged"),
        ["another checksum"] = (Two.With(1, TestArchive.Checksum, 7), "checksum"),
        ["a place beyond the end"] = (Two.With(1, TestArchive.Offset, 0x7FFFFFFF), "cannot be unpacked"),
        ["a method that is unknown"] = (Two.With(1, TestArchive.Method, Lzma, bytes: 2), "cannot be unpacked"),
        ["encrypted"] = (Two.With(1, TestArchive.Flags, Encrypted, bytes: 2), "encrypted"),
        ["link"] = (Two.With(1, TestArchive.Attributes, SymbolicLink), "a link"),
        ["empty"] = (TestArchive.Of(("good.png", TestArchive.Picture("good")), ("evil.png", [])), "empty"),
        ["archive in the archive"] = (
            TestArchive.Of(("good.png", TestArchive.Picture("good")), ("evil.ZIP", TestArchive.Of("a.png"))), "is an archive"),
        ["same name"] = (TestArchive.Of("good.png", "good.png"), "has the same name"),
        ["program"] = (TestArchive.Of("good.png", "evil.exe"), "no image of a known format"),
        ["no extension"] = (TestArchive.Of("good.png", "evil"), "no image of a known format"),
        ["above"] = (TestArchive.Of("good.png", "../evil.png"), "leads out of the archive"),
        ["above, further in"] = (TestArchive.Of("good.png", "a/../../../evil.png"), "leads out of the archive"),
        ["here"] = (TestArchive.Of("good.png", "./evil.png"), "full stop"),
        ["absolute"] = (TestArchive.Of("good.png", "/etc/evil.png"), "without a name"),
        ["no name between"] = (TestArchive.Of("good.png", "a//evil.png"), "without a name"),
        ["backslashes"] = (TestArchive.Of("good.png", @"..\..\evil.png"), "leads out of the archive"),
        ["drive"] = (TestArchive.Of("good.png", "C:/evil.png"), "drive"),
        ["share"] = (TestArchive.Of("good.png", @"\\server\evil.png"), "without a name"),
        ["control character"] = (TestArchive.Of("good.png", "ev\nil.png"), "control character"),
        ["null character"] = (TestArchive.Of("good.png", "evil.png\0.png"), "control character"),
        ["1,024 characters"] = (TestArchive.Of("good.png", new string('e', 1020) + ".png"), "characters"),
        ["many folders"] = (TestArchive.Of("good.png", string.Concat(Enumerable.Repeat("e/", 300)) + "evil.png"), "folders"),
    };

    // Two directory entries that are unpacked from the same bytes.
    private static byte[] OverEachOther()
    {
        byte[] zip = TestArchive.Of(CompressionLevel.NoCompression, ("a.png", TestArchive.Picture("a", 5000)), ("b.png", [1]));
        zip = zip.With(1, TestArchive.Offset, 0);
        foreach (int field in (int[])[TestArchive.PackedLength, TestArchive.Length, TestArchive.Checksum])
            zip = zip.With(1, field, TestArchive.FieldOf(zip, 0, field));
        return zip;
    }

    // A directory of 14 MB: one entry, written again and again.
    private static byte[] LongDirectory()
    {
        byte[] zip = TestArchive.Of(("a", []));
        const int end = 22, entry = 47;
        byte[] one = zip[^(end + entry)..^end];
        using var bytes = new MemoryStream();
        bytes.Write(zip.AsSpan(..^end));
        for (int i = 0; i < 300_000; i++)
            bytes.Write(one);
        bytes.Write(zip.AsSpan(^end..));
        return bytes.ToArray();
    }
}

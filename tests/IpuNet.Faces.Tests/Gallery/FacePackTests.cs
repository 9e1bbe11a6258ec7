using System.IO.Compression;
using System.Text;
using CsCheck;
using IpuNet.Contract;
using IpuNet.Faces.Gallery;

namespace IpuNet.Faces.Tests.Gallery;

public sealed class FacePackTests
{
    private const string Name = "staff/crops/ada/1-2.zip";

    private static readonly Gen<Dictionary<string, byte[]>> Faces =
        Gen.Select(Gen.String[Gen.Char["0123456789abcdef"], 1, 8], Gen.Byte.Array[0, 400]).Array[0, 6]
            .Select(faces => faces.DistinctBy(face => face.Item1).ToDictionary(face => face.Item1, face => face.Item2));

    [Fact]
    public void Read_OfWhatWasWritten_GivesTheFaces() => Faces.Sample(faces =>
    {
        Dictionary<string, byte[]> read = FacePack.Read(FacePack.Write(faces, Name), Name);

        read.Keys.ShouldBe(faces.Keys, ignoreOrder: true);
        foreach (string face in faces.Keys)
            read[face].ShouldBe(faces[face]);
    });

    [Fact]
    public void Write_OfTheSameFacesInAnotherOrder_GivesTheSameBytes() => Faces.Sample(faces =>
        FacePack.Write(faces.Reverse().ToDictionary(), Name).ShouldBe(FacePack.Write(faces, Name)));

    [Fact]
    public void Write_StoresTheFacesAsTheyAre()
    {
        byte[] face = Encoding.ASCII.GetBytes(new string('a', 1000));

        FacePack.Write(new Dictionary<string, byte[]> { ["1"] = face }, Name).AsSpan().IndexOf(face).ShouldBePositive();
    }

    [Fact]
    public void Write_OfMoreThanMayBeRead_Throws()
    {
        var faces = Enumerable.Range(0, FacePack.MaxFaces + 1).ToDictionary(i => $"{i}", _ => Array.Empty<byte>());

        Should.Throw<FaceDataException>(() => FacePack.Write(faces, Name)).Message.ShouldStartWith(Name);
    }

    [Fact]
    public void Read_OfADamagedPack_NamesItAndTheWayOut()
    {
        byte[] whole = FacePack.Write(new Dictionary<string, byte[]> { ["1"] = [1, 2, 3, 4], ["2"] = [5, 6] }, Name);
        byte[] changed = [.. whole];
        changed[whole.AsSpan().IndexOf((byte[])[1, 2, 3, 4])] ^= 1;

        foreach (byte[] damaged in (byte[][])[[], whole[..^9], changed, Bomb(), Twice()])
        {
            string message = Should.Throw<FaceDataException>(() => FacePack.Read(damaged, Name)).Message;
            message.ShouldStartWith($"{Name} is no usable pack");
            message.ShouldContain("Delete it");
        }
    }

    [Fact]
    public void Read_OfAnyChangedByte_ThrowsNothingElse() => Gen.Select(
        Faces, Gen.Int[0, int.MaxValue], Gen.Byte).Sample((faces, at, value) =>
    {
        byte[] pack = FacePack.Write(faces, Name);
        pack[at % pack.Length] = value;
        try
        {
            FacePack.Read(pack, Name);
        }
        catch (FaceDataException damaged)
        {
            damaged.Message.ShouldStartWith(Name);
        }
    });

    // An entry that claims to be much longer than the file.
    private static byte[] Bomb() => Zip(zip =>
    {
        using Stream entry = zip.CreateEntry("1.png", CompressionLevel.SmallestSize).Open();
        entry.Write(new byte[1_000_000]);
    });

    private static byte[] Twice() => Zip(zip =>
    {
        zip.CreateEntry("1.png");
        zip.CreateEntry("1.png");
    });

    private static byte[] Zip(Action<ZipArchive> fill)
    {
        using var file = new MemoryStream();
        using (var zip = new ZipArchive(file, ZipArchiveMode.Create, leaveOpen: true))
            fill(zip);
        return file.ToArray();
    }
}

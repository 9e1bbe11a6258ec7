using System.Buffers.Binary;
using System.Text;

namespace IpuNet.Training.Torch;

/// <summary>
/// Lets a library built with GCC 13 load with an older libstdc++. Such a library needs GLIBCXX_3.4.32 because of one symbol,
/// std::ios_base_library_init(). An older libstdc++ does the same work in the constructor of std::ios_base::Init, which it exports under
/// GLIBCXX_3.4. The patch replaces the name of the undefined symbol by that constructor, gives it the older version, and marks the need
/// for the newer version as weak. The file is ELF64, little-endian (ELF specification; LSB "Symbol Versioning").
/// </summary>
internal static class ElfLibstdcxxPatch
{
    private const string MissingSymbol = "_ZSt21ios_base_library_initv";
    private const string OlderSymbol = "_ZNSt8ios_base4InitC1Ev";
    private const string MissingVersion = "GLIBCXX_3.4.32";
    private const string OlderVersion = "GLIBCXX_3.4";
    private const ushort WeakFlag = 0x2;

    /// <summary>Patches a copy of a library in memory.</summary>
    /// <param name="image">The whole file. It is changed in place.</param>
    /// <exception cref="InvalidDataException">
    /// The file is not ELF64 little-endian, or does not need the symbol or the version that the patch replaces.
    /// </exception>
    public static void Apply(Span<byte> image)
    {
        if (image.Length < 64 || !image[..6].SequenceEqual("\u007fELF\u0002\u0001"u8))
            throw new InvalidDataException("The library is not a 64-bit little-endian ELF file.");

        Section symbols = default, versions = default, needs = default;
        int sectionCount = U16(image, 60);
        for (int i = 0; i < sectionCount; i++)
        {
            Section section = Section.Read(image, i);
            switch (section.Type)
            {
                case 11: symbols = section; break;          // SHT_DYNSYM
                case 0x6fffffff: versions = section; break; // SHT_GNU_versym
                case 0x6ffffffe: needs = section; break;    // SHT_GNU_verneed
            }
        }
        if (symbols.Size == 0 || versions.Size == 0 || needs.Size == 0)
            throw new InvalidDataException("The library has no versioned dynamic symbols.");

        Section strings = Section.Read(image, symbols.Link);
        ushort older = PatchNeeds(image, needs, strings);
        PatchSymbol(image, symbols, versions, strings, older);
    }

    private static ushort PatchNeeds(Span<byte> image, Section needs, Section strings)
    {
        ushort? older = null;
        bool weakened = false;
        for (int need = needs.Offset; ;)
        {
            int entry = need + I32(image, need + 8);
            for (int i = U16(image, need + 2); i > 0; i--)
            {
                string name = NameAt(image, strings.Offset + I32(image, entry + 8));
                if (name == OlderVersion)
                    older = U16(image, entry + 6);
                if (name == MissingVersion)
                {
                    BinaryPrimitives.WriteUInt16LittleEndian(image[(entry + 4)..], (ushort)(U16(image, entry + 4) | WeakFlag));
                    weakened = true;
                }
                entry += I32(image, entry + 12);
            }
            int next = I32(image, need + 12);
            if (next == 0)
                break;
            need += next;
        }
        return older is { } index && weakened
            ? index
            : throw new InvalidDataException($"The library does not need {MissingVersion} beside {OlderVersion}.");
    }

    private static void PatchSymbol(Span<byte> image, Section symbols, Section versions, Section strings, ushort version)
    {
        const int symbolSize = 24;
        for (int i = 0; i < symbols.Size / symbolSize; i++)
        {
            int name = strings.Offset + I32(image, symbols.Offset + i * symbolSize);
            if (NameAt(image, name) != MissingSymbol)
                continue;
            Span<byte> text = image.Slice(name, MissingSymbol.Length);
            text.Clear();
            Encoding.ASCII.GetBytes(OlderSymbol, text);
            BinaryPrimitives.WriteUInt16LittleEndian(image[(versions.Offset + i * 2)..], version);
            return;
        }
        throw new InvalidDataException($"The library does not import {MissingSymbol}.");
    }

    private static string NameAt(ReadOnlySpan<byte> image, int offset)
    {
        ReadOnlySpan<byte> rest = image[offset..];
        return Encoding.ASCII.GetString(rest[..rest.IndexOf((byte)0)]);
    }

    private static ushort U16(ReadOnlySpan<byte> image, int offset) => BinaryPrimitives.ReadUInt16LittleEndian(image[offset..]);

    private static int I32(ReadOnlySpan<byte> image, int offset) => BinaryPrimitives.ReadInt32LittleEndian(image[offset..]);

    private readonly record struct Section(uint Type, int Offset, int Size, int Link)
    {
        public static Section Read(ReadOnlySpan<byte> image, int index)
        {
            int header = checked((int)BinaryPrimitives.ReadInt64LittleEndian(image[40..])) + index * U16(image, 58);
            return new Section(
                BinaryPrimitives.ReadUInt32LittleEndian(image[(header + 4)..]),
                checked((int)BinaryPrimitives.ReadInt64LittleEndian(image[(header + 24)..])),
                checked((int)BinaryPrimitives.ReadInt64LittleEndian(image[(header + 32)..])),
                I32(image, header + 40));
        }
    }
}

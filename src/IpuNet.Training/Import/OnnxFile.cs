using Google.Protobuf;
using Google.Protobuf.Reflection;
using IpuNet.Training.Export.Protobuf;

namespace IpuNet.Training.Import;

/// <summary>
/// Reads an ONNX file that can come from anybody. Two bytes of a file can become an object of two hundred bytes. So the memory that the
/// file needs is computed before it is read.
/// </summary>
internal static class OnnxFile
{
    // A network consists almost only of weights, and weights take the same memory as in the file.
    private const int MostRatio = 3;
    private const long LeastBytes = 64L << 20;

    // The most memory that a part takes, besides its own bytes: a message, a text, and a number in a list that has grown.
    private const int MessageBytes = 256, TextBytes = 128, NumberBytes = 16;
    private const int DeepestMessage = 32;

    /// <summary>Reads a file.</summary>
    /// <exception cref="InvalidDataException">The content is not an ONNX file, or it would take too much memory.</exception>
    public static ModelProto Parse(byte[] file)
    {
        long left = MostRatio * file.LongLength + LeastBytes;
        Weigh(file, ModelProto.Descriptor, depth: 0, ref left);
        try
        {
            return ModelProto.Parser.ParseFrom(file);
        }
        catch (InvalidProtocolBufferException damage)
        {
            throw new InvalidDataException(damage.Message, damage);
        }
    }

    private static void Weigh(ReadOnlySpan<byte> message, MessageDescriptor type, int depth, ref long left)
    {
        if (depth > DeepestMessage)
            throw new InvalidDataException($"Its parts are nested deeper than {DeepestMessage}.");
        Spend(MessageBytes, ref left);
        while (!message.IsEmpty)
        {
            ulong tag = Varint(ref message);
            FieldDescriptor? field = type.FindFieldByNumber((int)Math.Min(tag >> 3, int.MaxValue));
            switch (tag & 7)
            {
                case 0:
                    Varint(ref message);
                    Spend(NumberBytes, ref left);
                    break;
                case 1:
                    Take(ref message, sizeof(ulong));
                    Spend(NumberBytes, ref left);
                    break;
                case 5:
                    Take(ref message, sizeof(uint));
                    Spend(NumberBytes, ref left);
                    break;
                case 2:
                    ReadOnlySpan<byte> content = Take(ref message, Varint(ref message));
                    if (field?.FieldType == FieldType.Message)
                        Weigh(content, field.MessageType, depth + 1, ref left);
                    else
                        Spend(TextBytes + BytesEach(field) * (long)content.Length, ref left);
                    break;
                default:
                    throw new InvalidDataException("It has a part of an unknown kind.");
            }
        }
    }

    // The bytes in memory for a byte of a field.
    private static int BytesEach(FieldDescriptor? field) => field?.FieldType switch
    {
        FieldType.Int32 or FieldType.Int64 or FieldType.UInt64 or FieldType.Enum => NumberBytes,
        FieldType.Float or FieldType.Double or FieldType.String => 2,
        _ => 1,
    };

    private static void Spend(long bytes, ref long left)
    {
        left -= bytes;
        if (left < 0)
            throw new InvalidDataException("It would take far more memory than its own length: it has too many parts for a network.");
    }

    private static ReadOnlySpan<byte> Take(ref ReadOnlySpan<byte> from, ulong length)
    {
        if (length > (ulong)from.Length)
            throw new InvalidDataException("It ends within a part.");
        ReadOnlySpan<byte> taken = from[..(int)length];
        from = from[(int)length..];
        return taken;
    }

    private static ulong Varint(ref ReadOnlySpan<byte> from)
    {
        ulong value = 0;
        for (int i = 0; i < 10 && i < from.Length; i++)
        {
            value |= (ulong)(from[i] & 0x7f) << (7 * i);
            if (from[i] < 0x80)
            {
                from = from[(i + 1)..];
                return value;
            }
        }

        throw new InvalidDataException("It has a number without an end.");
    }
}

using System.Buffers.Binary;
using System.Globalization;
using System.Text;

namespace IpuNet.Training.Import.PyTorch;

/// <summary>
/// Reads PyTorch's pickle of a dictionary of tensors, and nothing else. A pickle is a program. This reader knows only the instructions
/// that make dictionaries, lists, numbers, strings and tensors. It refuses all names outside a short list, and calls nothing.
/// </summary>
/// <param name="data">The pickle. More data can follow it.</param>
internal sealed class PickleReader(ReadOnlyMemory<byte> data)
{
    private const int MostValues = 1_000_000;
    private const int LongestString = 64 * 1024;

    private readonly List<object?> _stack = [];
    private readonly Dictionary<long, object?> _memo = [];
    private int _steps;

    /// <summary>The position behind the last pickle that was read, in bytes.</summary>
    public int Position { get; private set; }

    /// <summary>Reads one pickle.</summary>
    /// <returns>
    /// A Dictionary&lt;string, object?&gt;, a List&lt;object?&gt;, an object?[], a <see cref="PickledTensor"/>, a string, a long, a double,
    /// a bool or null.
    /// </returns>
    /// <exception cref="FormatException">The pickle is damaged, or asks for something else.</exception>
    public object? Read()
    {
        _stack.Clear();
        _memo.Clear();
        while (true)
        {
            if (++_steps > MostValues)
                throw new FormatException($"it has more than {MostValues:N0} instructions");
            byte code = Byte();
            if (code == (byte)'.')
                return Pop();
            Execute(code);
        }
    }

    private void Execute(byte code)
    {
        switch (code)
        {
            case 0x80: Byte(); break;                                             // protocol
            case 0x95: Bytes(8); break;                                           // frame
            case (byte)'(': Push(PickleMark.Instance); break;
            case (byte)'N': Push(null); break;
            case 0x88: Push(true); break;
            case 0x89: Push(false); break;
            case (byte)'J': Push((long)BinaryPrimitives.ReadInt32LittleEndian(Bytes(4))); break;
            case (byte)'K': Push((long)Byte()); break;
            case (byte)'M': Push((long)BinaryPrimitives.ReadUInt16LittleEndian(Bytes(2))); break;
            case 0x8a:
                {
                    Int128 value = Long(Bytes(Byte()));
                    Push(value >= long.MinValue && value <= long.MaxValue ? (long)value : (object)value);
                    break;
                }
            case (byte)'G': Push(BinaryPrimitives.ReadDoubleBigEndian(Bytes(8))); break;
            case (byte)'X': Push(Text(BinaryPrimitives.ReadUInt32LittleEndian(Bytes(4)))); break;
            case 0x8c: Push(Text(Byte())); break;
            case (byte)'}': Push(new Dictionary<string, object?>(StringComparer.Ordinal)); break;
            case (byte)']': Push(new List<object?>()); break;
            case (byte)')': Push(Array.Empty<object?>()); break;
            case (byte)'t': Push(PopToMark()); break;
            case 0x85: Push(PopTuple(1)); break;
            case 0x86: Push(PopTuple(2)); break;
            case 0x87: Push(PopTuple(3)); break;
            case (byte)'a': { object? item = Pop(); Top<List<object?>>().Add(item); break; }
            case (byte)'e': { object?[] items = PopToMark(); Top<List<object?>>().AddRange(items); break; }
            case (byte)'s': { object? value = Pop(); Set(Pop(), value, Top<Dictionary<string, object?>>()); break; }
            case (byte)'u': SetAll(PopToMark()); break;
            case (byte)'q': _memo[Byte()] = Top<object>(); break;
            case (byte)'r': _memo[BinaryPrimitives.ReadUInt32LittleEndian(Bytes(4))] = Top<object>(); break;
            case 0x94: _memo[_memo.Count] = Top<object>(); break;
            case (byte)'h': Push(Remembered(Byte())); break;
            case (byte)'j': Push(Remembered(BinaryPrimitives.ReadUInt32LittleEndian(Bytes(4)))); break;
            case (byte)'c': Push(PickledNames.Require(new PickledName(Line(), Line()))); break;
            case 0x93: { object? name = Pop(); Push(PickledNames.Require(new PickledName(As<string>(Pop()), As<string>(name)))); break; }
            case (byte)'Q': Push(PickledNames.Storage(Pop())); break;
            case (byte)'R': { object? arguments = Pop(); Push(PickledNames.Make(As<PickledName>(Pop()), As<object?[]>(arguments))); break; }
            case (byte)'b': Pop(); break; // the attributes of an OrderedDict, which are version numbers of PyTorch
            default: throw new FormatException($"it has the instruction 0x{code:x2}, which a dictionary of tensors does not need");
        }
    }

    private void SetAll(object?[] items)
    {
        if (items.Length % 2 != 0)
            throw new FormatException("a dictionary has a key without a value");
        var target = Top<Dictionary<string, object?>>();
        for (int i = 0; i < items.Length; i += 2)
            Set(items[i], items[i + 1], target);
    }

    private static void Set(object? key, object? value, Dictionary<string, object?> target) =>
        target[key as string ?? Convert.ToString(key, CultureInfo.InvariantCulture) ?? throw new FormatException("a key is null")] = value;

    private void Push(object? value) => _stack.Add(value);

    private object? Pop()
    {
        if (_stack.Count == 0)
            throw new FormatException("it takes more values than it made");
        object? top = _stack[^1];
        _stack.RemoveAt(_stack.Count - 1);
        return top;
    }

    private T Top<T>() => _stack.Count == 0 ? throw new FormatException("it takes more values than it made") : As<T>(_stack[^1]);

    private object?[] PopTuple(int count)
    {
        var items = new object?[count];
        for (int i = count - 1; i >= 0; i--)
            items[i] = Pop();
        return items;
    }

    private object?[] PopToMark()
    {
        int mark = _stack.LastIndexOf(PickleMark.Instance);
        if (mark < 0)
            throw new FormatException("it ends a list that it did not begin");
        object?[] items = [.. _stack.Skip(mark + 1)];
        _stack.RemoveRange(mark, _stack.Count - mark);
        return items;
    }

    private object? Remembered(long key) =>
        _memo.TryGetValue(key, out object? value) ? value : throw new FormatException($"it asks for value {key}, which it did not keep");

    private static T As<T>(object? value) => value is T wanted ? wanted : throw new FormatException(
        $"it has a {value?.GetType().Name ?? "null"} where a {typeof(T).Name} belongs");

    private byte Byte() => Bytes(1)[0];

    private ReadOnlySpan<byte> Bytes(int count)
    {
        if (count > data.Length - Position)
            throw new FormatException("it ends too early");
        ReadOnlySpan<byte> bytes = data.Span.Slice(Position, count);
        Position += count;
        return bytes;
    }

    private string Text(uint length) => length <= LongestString ? Encoding.UTF8.GetString(Bytes((int)length)) : throw new FormatException(
        $"it has a string of {length:N0} bytes");

    private string Line()
    {
        ReadOnlySpan<byte> rest = data.Span[Position..];
        int end = rest[..Math.Min(rest.Length, 256)].IndexOf((byte)'\n');
        if (end < 0)
            throw new FormatException("it has a name without an end");
        Position += end + 1;
        return Encoding.UTF8.GetString(rest[..end]);
    }

    // A little-endian two's complement number. The magic number of PyTorch has ten bytes. No other number has more than eight.
    private static Int128 Long(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length > 16)
            throw new FormatException("it has a number of more than 16 bytes");
        Int128 value = bytes.Length > 0 && bytes[^1] >= 0x80 ? -1 : 0;
        for (int i = bytes.Length - 1; i >= 0; i--)
            value = (value << 8) | bytes[i];
        return value;
    }
}

/// <summary>The few names that a dictionary of tensors can refer to, and the values that their calls would make.</summary>
internal static class PickledNames
{
    private static readonly PickledName OrderedDictionary = new("collections", "OrderedDict");
    private static readonly PickledName Tensor = new("torch._utils", "_rebuild_tensor_v2");
    private static readonly PickledName Parameter = new("torch._utils", "_rebuild_parameter");

    private static readonly HashSet<PickledName> Known =
    [
        OrderedDictionary, Tensor, Parameter,
        .. from type in (string[])["Float", "Double", "Half", "Long", "Int", "Short", "Char", "Byte", "Bool"] select new PickledName(
            "torch", $"{type}Storage"),
    ];

    /// <summary>Returns a name if it is allowed.</summary>
    /// <exception cref="FormatException">The name is not allowed.</exception>
    public static PickledName Require(PickledName name) => Known.Contains(name)
        ? name
        : throw new FormatException(
            $"it refers to '{name.Module}.{name.Name}', which a dictionary of tensors does not need and which may do harm");

    /// <summary>Makes the value that a call of a name would make.</summary>
    /// <exception cref="FormatException">The name cannot be called, or the arguments do not fit.</exception>
    public static object? Make(PickledName name, object?[] arguments)
    {
        if (name == OrderedDictionary && arguments.Length == 0)
            return new Dictionary<string, object?>(StringComparer.Ordinal);
        if (name == Parameter && arguments is [PickledTensor tensor, ..])
            return tensor;
        if (
            name == Tensor
                && arguments is [PickledStorage storage, long offset, object?[] shape, object?[] strides, ..]
                && shape.Length == strides.Length && shape.Length <= 8)
            return Checked(new PickledTensor(storage, offset, Numbers(shape), Numbers(strides)));
        throw new FormatException($"it calls '{name.Module}.{name.Name}' with the wrong arguments");
    }

    /// <summary>Reads the persistent id of a storage: ("storage", class, key, device, count, ...).</summary>
    /// <exception cref="FormatException">The value is not such an id.</exception>
    public static PickledStorage Storage(object? id) =>
        id is object?[] and ["storage", PickledName { Module: "torch" } type, string key, string, long count and >= 0, ..]
        ? new PickledStorage(key, type.Name, count)
        : throw new FormatException("it refers to an object outside the pickle that is not the storage of a tensor");

    private static long[] Numbers(object?[] values) =>
        [.. values.Select(v => v is long n and >= 0 ? n : throw new FormatException("a tensor has a size that is not a number"))];

    private static PickledTensor Checked(PickledTensor tensor)
    {
        try
        {
            // An empty tensor reads nothing. In all others, the last value must be inside the storage.
            long last = tensor.Shape.Contains(0) ? -1 : tensor.Shape.Zip(tensor.Strides).Aggregate(
                tensor.Offset, (sum, d) => checked(sum + (d.First - 1) * d.Second));
            long count = tensor.Shape.Aggregate(1L, (product, n) => checked(product * n));
            return tensor.Offset >= 0 && last < tensor.Storage.Count && count <= tensor.Storage.Count
                ? tensor
                : throw new FormatException("a tensor reaches beyond its storage");
        }
        catch (OverflowException)
        {
            throw new FormatException("a tensor has a size that is too large");
        }
    }
}

/// <summary>A storage of a PyTorch file: a block of values that tensors refer to.</summary>
/// <param name="Key">Name in the file.</param>
/// <param name="Type">Name of the class in PyTorch, such as "FloatStorage".</param>
/// <param name="Count">Number of values.</param>
internal sealed record PickledStorage(string Key, string Type, long Count);

/// <summary>A tensor of a PyTorch file: a view of a storage.</summary>
/// <param name="Storage">The storage with the values.</param>
/// <param name="Offset">Index of the first value in the storage.</param>
/// <param name="Shape">The shape.</param>
/// <param name="Strides">For each dimension, the distance from one index to the next, in values.</param>
internal sealed record PickledTensor(PickledStorage Storage, long Offset, long[] Shape, long[] Strides);

/// <summary>A name that a pickle refers to. The reader only compares names. It never looks up or calls anything by name.</summary>
internal sealed record PickledName(string Module, string Name);

/// <summary>Marks the beginning of a list, tuple or dictionary on the stack.</summary>
internal sealed class PickleMark
{
    public static PickleMark Instance { get; } = new();
}

using Google.Protobuf;
using IpuNet.Contract;
using IpuNet.Faces.Models;
using IpuNet.Training.Export;
using IpuNet.Training.Export.Protobuf;
using IpuNet.Training.Import;
using IpuNet.Training.Import.ArcFace;
using DataType = IpuNet.Training.Export.Protobuf.TensorProto.Types.DataType;

namespace IpuNet.Training.Tests.Import.ArcFace;

public sealed class ArcFaceGraphTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("ipunet-arcface-").FullName;

    private static readonly Dictionary<string, Action<ModelProto>> Changes = new()
    {
        ["operators are of version 6"] = model => model.OpsetImport[0].Version = 6,
        ["names no version"] = model => model.OpsetImport.Clear(),
        ["operators that are not from ONNX: com.example"] = model =>
            model.OpsetImport.Add(new OperatorSetIdProto { Domain = "com.example", Version = 1 }),
        ["functions of its own"] = model => model.Functions.Add(new FunctionProto { Name = "f" }),
        ["not expected in a recogniser: ConstantOfShape, Loop"] = model =>
        {
            model.Graph.Node[0].OpType = "Loop";
            model.Graph.Node[1].OpType = "ConstantOfShape";
        },
        ["graphs within the graph"] = model =>
            model.Graph.Node[0].Attribute.Add(new AttributeProto { Name = "body", G = new GraphProto() }),
        ["weights are in other files"] = model =>
        {
            model.Graph.Initializer[0].DataLocation = TensorProto.Types.DataLocation.External;
            model.Graph.Initializer[0].ExternalData.Add(new StringStringEntryProto { Key = "location", Value = "/etc/passwd" });
        },
        ["sparse weights"] = model => model.Graph.SparseInitializer.Add(new SparseTensorProto()),
        ["input is not one float32 [N, 3, 112, 112], channels first, N free or 1, but 'data' Float [N, 3, 160, 112]"] = model =>
            Shape(model.Graph.Input[0]).Dim[2].DimValue = 160,
        ["but 'data' Uint8 [N, 3, 112, 112]"] = model => model.Graph.Input[0].Type.TensorType.ElemType = (int)DataType.Uint8,
        ["[4, 3, 112, 112]"] = model => Shape(model.Graph.Input[0]).Dim[0].DimValue = 4,
        ["but none"] = model => model.Graph.Input.Clear(),
        ["but 'data' Float [N, 3, 112, 112], 'more' Undefined []"] = model => model.Graph.Input.Add(new ValueInfoProto { Name = "more" }),
        ["output is not one float32 [N, D]"] = model => model.Graph.Output.Add(model.Graph.Output[0].Clone()),
        ["'fc1' Float [N, N]"] = model => Shape(model.Graph.Output[0]).Dim[1].DimParam = "D",
        ["'fc1' Float [N, 3]"] = model => Shape(model.Graph.Output[0]).Dim[1].DimValue = 3,
        ["it has 0 nodes"] = model => model.Graph.Node.Clear(),
    };

    public static TheoryData<string> Misfits => [.. Changes.Keys];

    [Theory]
    [MemberData(nameof(Misfits))]
    public void Read_WhatDoesNotFit_IsNamed(string problem) =>
        Should.Throw<FaceDataException>(
            () => ArcFaceGraph.Read(ImportedFile.Network(Changes[problem]), "net.onnx")).Message.ShouldContain(problem, Case.Sensitive);

    [Fact]
    public void Read_SeveralMisfits_ListsAll()
    {
        var error = Should.Throw<FaceDataException>(() => ArcFaceGraph.Read(
            ImportedFile.Network(model =>
            {
                model.OpsetImport[0].Version = 3;
                model.Graph.Node[0].OpType = "If";
                model.Graph.Output.Clear();
            }),
            "net.onnx"));

        error.Message.ShouldStartWith("net.onnx: does not fit");
        foreach (string problem in (string[])["version 3", "If", "output is not"])
            error.Message.ShouldContain(problem);
    }

    [Fact]
    public void Read_WeightsAmongTheInputs_AsOldFilesHaveThem_IsRead()
    {
        byte[] file = ImportedFile.Network(
            model => model.Graph.Input.AddRange(model.Graph.Initializer.Select(weight => new ValueInfoProto { Name = weight.Name })));

        ArcFaceGraph.Read(file, "net.onnx").Input.ShouldBe("data");
    }

    [Fact]
    public void Read_AGraphThatScalesPixelsItself_IsSeen()
    {
        byte[] scaling = ImportedFile.Network(model =>
        {
            model.Graph.Node.Insert(0, new NodeProto { OpType = "Sub" });
            model.Graph.Node.Insert(1, new NodeProto { OpType = "Mul" });
        });

        ArcFaceGraph.Read(scaling, "net.onnx").ScalesPixels.ShouldBeTrue();
        ArcFaceGraph.Read(ImportedFile.Network(), "net.onnx").ScalesPixels.ShouldBeFalse();
    }

    [Theory]
    [InlineData(0)]
    [InlineData(10)]
    [InlineData(-40)]
    public void Run_ADamagedFile_IsRefusedAndNothingIsInstalled(int length)
    {
        byte[] whole = ImportedFile.Network();
        var store = new ModelStore(Path.Combine(_folder, "models"));
        string path = Path.Combine(_folder, "net.onnx");
        File.WriteAllBytes(path, whole[..(length < 0 ? whole.Length + length : length)]);

        Should.Throw<FaceDataException>(
            () => ArcFaceImport.Run(path, store, "arcface", new WeightsOrigin(null, null, null))).Message.ShouldContain("net.onnx");

        store.Ids.ShouldBeEmpty();
    }

    [Fact]
    public void Run_AGraphThatContradictsItself_SaysWhatOnnxRuntimeSays()
    {
        string path = Path.Combine(_folder, "net.onnx");
        File.WriteAllBytes(path, ImportedFile.Network(model => model.Graph.Node[0].Input[0] = "nowhere"));

        Should.Throw<FaceDataException>(
            () => ArcFaceImport.Run(path, new ModelStore(_folder), "arcface", new WeightsOrigin(null, null, null)))
            .Message.ShouldContain("ONNX Runtime cannot run");
    }

    [Fact]
    public void Run_AGraphThatMakesATableOfAllPairs_IsRefusedByItsMemory()
    {
        const int Long = 65_536;
        byte[] file = ImportedFile.Network(model =>
        {
            NodeProto last = model.Graph.Node[^1];
            string output = last.Output[0];
            last.Output[0] = last.Name = "small";
            model.Graph.Initializer.Add(Onnx.Floats("column", new float[Long], Long, 1));
            model.Graph.Initializer.Add(Onnx.Floats("row", new float[Long], 1, Long));
            model.Graph.Node.Add(Onnx.Node("Add", "table", ["column", "row"]));
            model.Graph.Node.Add(Onnx.Node("ReduceMax", "one", ["table"], Onnx.Attribute("keepdims", 0L)));
            model.Graph.Node.Add(Onnx.Node("Add", output, ["small", "one"]));
        });
        string path = Path.Combine(_folder, "table.onnx");
        File.WriteAllBytes(path, file);

        string message = Should.Throw<FaceDataException>(
            () => ArcFaceImport.Run(
                path, new ModelStore(Path.Combine(_folder, "models")), "imported", new WeightsOrigin(null, null, null))).Message;

        message.ShouldContain("memory", customMessage: message);
    }

    [Fact]
    public void Read_AFileOfCountlessEmptyParts_IsRefusedBeforeItTakesMemory()
    {
        const int Parts = 8 << 20;
        // Field 1 of a graph, a node, of length 0.
        byte[] nodes = [.. Enumerable.Range(0, Parts).SelectMany(_ => (byte[])[0x0a, 0])];
        using var file = new MemoryStream();
        using (var writer = new CodedOutputStream(file, leaveOpen: true))
        {
            writer.WriteTag(7, WireFormat.WireType.LengthDelimited);
            writer.WriteBytes(ByteString.CopyFrom(nodes));
        }

        byte[] data = file.ToArray();
        long before = GC.GetAllocatedBytesForCurrentThread();
        Should.Throw<FaceDataException>(() => ArcFaceGraph.Read(data, "x.onnx")).Message.ShouldContain("memory");
        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBeLessThan(data.Length);
    }

    [Fact]
    public void ReadFile_LongerThanARecogniserIs_IsRefusedUnread()
    {
        string path = Path.Combine(_folder, "huge.onnx");
        using (FileStream file = File.Create(path))
            file.SetLength((512L << 20) + 1);

        Should.Throw<FaceDataException>(() => ArcFaceGraph.ReadFile(path)).Message.ShouldContain("over the limit");
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static TensorShapeProto Shape(ValueInfoProto value) => value.Type.TensorType.Shape;
}

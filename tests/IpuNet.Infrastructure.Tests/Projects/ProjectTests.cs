using System.Xml.Linq;

namespace IpuNet.Infrastructure.Tests.Projects;

/// <summary>Checks the references between projects: they only point down, and only a few projects depend on Torch.</summary>
public sealed class ProjectTests
{
    // From top to bottom. Projects in one line do not reference each other.
    private static readonly string[][] Layers =
    [
        ["IpuNet.Cli", "IpuNet.Trainer", "IpuNet.Benchmarks", "IpuNet.Worker", "IpuNet.Functions"],
        ["IpuNet.CommandLine", "IpuNet.Retraining"],
        ["IpuNet.LocalCloud"],
        ["IpuNet.Service", "IpuNet.Training", "IpuNet.Faces.Models"],
        ["IpuNet.Faces"],
        ["IpuNet.Contract"],
    ];

    private static readonly string[] KnowTorch = ["IpuNet.Training", "IpuNet.Retraining", "IpuNet.Trainer", "IpuNet.Benchmarks"];

    private static readonly Dictionary<string, XDocument> Projects = ((string[])["src", "bench"])
        .SelectMany(folder => Directory.GetFiles(Path.Combine(Repository.Folder, folder), "*.csproj", SearchOption.AllDirectories))
        .ToDictionary(file => Path.GetFileNameWithoutExtension(file), XDocument.Load);

    public static TheoryData<string> Names => [.. Projects.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void Project_WhateverItReferences_IsAboveIt(string project)
    {
        int layer = LayerOf(project);

        foreach (string reference in References(project))
            LayerOf(reference).ShouldBeGreaterThan(layer, $"{project} references {reference}.");
    }

    [Fact]
    public void Projects_OfTheLayers_AreAllThereAre() => Projects.Keys.ShouldBe(Layers.SelectMany(layer => layer), ignoreOrder: true);

    [Fact]
    public void Contract_KnowsNoPackageAndNoOtherProject()
    {
        Packages("IpuNet.Contract").ShouldBeEmpty();
        References("IpuNet.Contract").ShouldBeEmpty();
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Project_ThatTrainsNothing_KnowsNoTorch(string project)
    {
        bool knows = Known(project, []).Any(
            known => Packages(known).Any(package => package.StartsWith("TorchSharp", StringComparison.Ordinal)));

        knows.ShouldBe(KnowTorch.Contains(project));
    }

    private static int LayerOf(string project) => Array.FindIndex(Layers, layer => layer.Contains(project));

    // Without references that only set the build order.
    private static IEnumerable<string> References(string project) => Projects[project].Descendants("ProjectReference")
        .Where(reference => reference.Attribute("ReferenceOutputAssembly")?.Value != "false")
        .Select(reference => Path.GetFileNameWithoutExtension(reference.Attribute("Include")!.Value.Replace('\\', '/')));

    // The project and all projects that it depends on.
    private static HashSet<string> Known(string project, HashSet<string> known)
    {
        if (known.Add(project))
        {
            foreach (string reference in References(project))
                Known(reference, known);
        }

        return known;
    }

    private static IEnumerable<string> Packages(string project) =>
        Projects[project].Descendants("PackageReference").Select(package => package.Attribute("Include")!.Value);
}

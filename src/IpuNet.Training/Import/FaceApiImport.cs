using System.Security.Cryptography;
using System.Text.Json;
using IpuNet.Faces;
using IpuNet.Faces.Files;
using IpuNet.Faces.Models;
using IpuNet.Faces.Networks;

namespace IpuNet.Training.Import;

/// <summary>Makes models of the weights that the npm package @vladmandic/face-api ships: recogniser, detector and landmark net.</summary>
public static class FaceApiImport
{
    private const string PackageName = "@vladmandic/face-api";
    private const string PackageVersion = "1.7.15";
    private const string Source = "https://github.com/vladmandic/face-api";

    /// <summary>Imports the models as version 1 of their names. The same package gives the same files, byte for byte.</summary>
    /// <param name="packageFolder">The package, such as models/node_modules/@vladmandic/face-api.</param>
    /// <param name="modelsFolder">The model store's folder. Where no model of a kind is in use, the imported one is.</param>
    /// <returns>The models.</returns>
    /// <exception cref="FaceDataException">The folder is not that package, a file is damaged, or the store has another version 1.</exception>
    public static IReadOnlyList<InstalledModel> Run(string packageFolder, string modelsFolder)
    {
        RequirePackage(packageFolder);
        var store = new ModelStore(modelsFolder);
        return [.. FaceApiModel.All.Select(model => Import(packageFolder, store, model))];
    }

    private static InstalledModel Import(string packageFolder, ModelStore store, FaceApiModel model)
    {
        string start = Path.Combine(packageFolder, "model", model.File);
        WeightSet weights = FaceApiWeights.Read($"{start}-weights_manifest.json");
        InstalledModel installed = store.Install(
            new ModelManifest
            {
                Name = model.Name,
                Version = 1,
                Kind = model.Kind,
                Architecture = model.Network.Architecture,
                Input = model.Input,
                Dimensions = model.Dimensions,
                Licence = model.Licence,
                Origin = new ModelOrigin(
                    $"{PackageName}@{PackageVersion}",
                    $"model/{model.File}.bin",
                    Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes($"{start}.bin"))),
                    Source),
                TrainedOn = model.TrainedOn,
                Note = model.Note,
            },
            model.Export(model.Network, weights));
        if (store.Current.Of(model.Kind) is null)
            store.Use(installed);
        return installed;
    }

    private static void RequirePackage(string folder)
    {
        string path = Path.Combine(folder, "package.json");
        string found;
        try
        {
            using JsonDocument package = JsonDocument.Parse(File.ReadAllBytes(path), StrictJson.Document);
            found = $"{package.RootElement.GetProperty("name")}@{package.RootElement.GetProperty("version")}";
        }
        catch (Exception e) when (e is IOException or JsonException or KeyNotFoundException or InvalidOperationException)
        {
            throw new FaceDataException($"{folder}: is not the package {PackageName} ({e.Message}). Get it with 'npm install' in the folder 'models'.", e);
        }

        if (found != $"{PackageName}@{PackageVersion}")
            throw new FaceDataException($"{folder}: is {found}, and {PackageName}@{PackageVersion} is needed. Get it with 'npm install' in the folder 'models'.");
    }
}

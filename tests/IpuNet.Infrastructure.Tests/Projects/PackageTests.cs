using System.Text.RegularExpressions;
using IpuNet.Faces.Imaging;
using IpuNet.LocalCloud.Npm;

namespace IpuNet.Infrastructure.Tests.Projects;

/// <summary>Builds and runs the README's sample with the packages, as a user's program.</summary>
public sealed partial class PackageTests : IDisposable
{
    private static readonly string[] Packages = ["IpuNet.Contract", "IpuNet.Faces", "IpuNet.Faces.Models"];

    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    // Explicit, because restoring and building a program takes a while.
    [Fact(Explicit = true)]
    public async Task Sample_OfTheReadme_BuiltFromThePackagesAlone_NamesAPerson()
    {
        string packages = _folder.Folder("packed");
        foreach (string package in Packages)
            await DotnetAsync(Repository.Folder, "pack", $"src/{package}", "-c", "Release", "-o", packages);
        _folder.Write("program/program.csproj", """
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup>
                <OutputType>Exe</OutputType>
                <TargetFramework>net10.0</TargetFramework>
                <ImplicitUsings>enable</ImplicitUsings>
                <Nullable>enable</Nullable>
              </PropertyGroup>
              <ItemGroup>
                <PackageReference Include="IpuNet.Faces.Models" Version="0.1.0" />
              </ItemGroup>
            </Project>
            """);
        // The test has its own folder for the packages. Other packages may come from the user's cache.
        _folder.Write("program/nuget.config", $"""
            <configuration>
              <config><add key="globalPackagesFolder" value="{_folder["cache"]}" /></config>
              <fallbackPackageFolders><add key="here" value="{await GlobalPackagesAsync()}" /></fallbackPackageFolders>
              <packageSources><add key="packed" value="{packages}" /></packageSources>
            </configuration>
            """);
        _folder.Write("program/Program.cs", Sample().Match(Repository.Read("README.md")).Groups["code"].Value);
        await DotnetAsync(_folder["program"], "build", "-c", "Release", "-o", "built");
        foreach (var (name, person) in ((string, int)[])[("ada-1", 1), ("ada-2", 2), ("camera", 1)])
            _folder.Write($"work/{name}.jpg", ImageEncoder.EncodeJpeg(TestFolder.Pattern(person, 128)));

        string output = await DotnetAsync(_folder["work"], _folder["program/built/program.dll"]);

        output.Trim().ShouldBe("ada");
    }

    private static async Task<string> GlobalPackagesAsync()
    {
        string line = await DotnetAsync(Repository.Folder, "nuget", "locals", "global-packages", "--list");
        return line[(line.IndexOf(':') + 1)..].Trim();
    }

    private static Task<string> DotnetAsync(string folder, params string[] arguments) =>
        ProcessRun.RequireAsync("dotnet", arguments, folder, "", TestContext.Current.CancellationToken);

    [GeneratedRegex("```csharp\n(?<code>.*?)```", RegexOptions.Singleline)]
    private static partial Regex Sample();
}

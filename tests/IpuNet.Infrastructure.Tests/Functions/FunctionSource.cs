using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace IpuNet.Infrastructure.Tests.Functions;

/// <summary>A trigger: the name of its attribute, the first argument, and the named arguments.</summary>
internal sealed record Trigger(string Kind, string? Value, bool IsLiteral, string? Connection, string? Source);

/// <summary>A function of the Functions app.</summary>
internal sealed record FunctionSource(string Name, Trigger Trigger, MethodDeclarationSyntax Method);

/// <summary>
/// Reads the Functions app's source. The Functions packages are not needed: the compiler evaluates the arguments of an attribute even if it
/// does not know the attribute.
/// </summary>
internal static class FunctionSources
{
    private static readonly string[] Triggers = ["BlobTrigger", "QueueTrigger", "TimerTrigger"];

    public static Lazy<IReadOnlyList<FunctionSource>> All { get; } = new(Read);

    private static List<FunctionSource> Read()
    {
        SyntaxTree[] trees =
        [
            .. Directory.EnumerateFiles(Repository.PathOf("src/IpuNet.Functions"), "*.cs")
                .Select(file => CSharpSyntaxTree.ParseText(File.ReadAllText(file), path: file)),
        ];
        string known = (string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!;
        CSharpCompilation compilation = CSharpCompilation.Create(
            "functions", trees, known.Split(Path.PathSeparator).Select(file => MetadataReference.CreateFromFile(file)),
            new(OutputKind.DynamicallyLinkedLibrary));
        return [.. trees.SelectMany(tree => Functions(tree, compilation.GetSemanticModel(tree)))];
    }

    private static IEnumerable<FunctionSource> Functions(SyntaxTree tree, SemanticModel model)
    {
        foreach (MethodDeclarationSyntax method in tree.GetRoot().DescendantNodes().OfType<MethodDeclarationSyntax>())
        {
            if (Attribute(method.AttributeLists, "Function") is not { } function)
                continue;
            AttributeSyntax trigger = method.ParameterList.Parameters
                .Select(parameter => parameter.AttributeLists)
                .Select(lists => Triggers.Select(name => Attribute(lists, name)).FirstOrDefault(found => found is not null))
                .OfType<AttributeSyntax>().Single();
            ExpressionSyntax value = trigger.ArgumentList!.Arguments[0].Expression;
            yield return new FunctionSource(
                Text(function.ArgumentList!.Arguments[0].Expression, model)!,
                new Trigger(
                    trigger.Name.ToString(), Text(value, model), value is LiteralExpressionSyntax,
                    Text(Named(trigger, "Connection"), model), Named(trigger, "Source")?.ToString()),
                method);
        }
    }

    private static AttributeSyntax? Attribute(SyntaxList<AttributeListSyntax> lists, string name) =>
        lists.SelectMany(list => list.Attributes).SingleOrDefault(attribute => attribute.Name.ToString() == name);

    private static ExpressionSyntax? Named(AttributeSyntax attribute, string name) =>
        attribute.ArgumentList!.Arguments.SingleOrDefault(argument => argument.NameEquals?.Name.ToString() == name)?.Expression;

    private static string? Text(ExpressionSyntax? expression, SemanticModel model) =>
        expression is null ? null : model.GetConstantValue(expression) is { HasValue: true, Value: string text } ? text : null;
}

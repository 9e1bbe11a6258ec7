
#pragma warning disable CA1050 // The runtime looks for a class of this name in no namespace.

/// <summary>Has a process of the product throw where nobody catches; .NET runs it before the program (DOTNET_STARTUP_HOOKS).</summary>
internal static class StartupHook
{
    public const string Variable = "IPUNET_TEST_THROWS", OnAThread = "thread", AsyncVoid = "async";

    private static readonly TimeSpan Start = TimeSpan.FromSeconds(1), Wait = TimeSpan.FromMinutes(1);

    public static void Initialize()
    {
        // A thread in the foreground: the process lives for as long as it does.
        if (Environment.GetEnvironmentVariable(Variable) is { } kind)
            new Thread(() => Throw(kind)).Start();
    }

    private static void Throw(string kind)
    {
        Thread.Sleep(Start);
        if (kind == OnAThread)
            throw new InvalidOperationException("Nobody thought of it.");
        ThrowLater();
        Thread.Sleep(Wait);
    }

    private static async void ThrowLater()
    {
        await Task.Yield();
        throw new IOException("The disk is full.");
    }
}

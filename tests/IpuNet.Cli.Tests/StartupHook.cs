#pragma warning disable CA1050 // The runtime looks for a class of this name in no namespace.

/// <summary>
/// What tests have a process of the product do: .NET runs it before the program, where DOTNET_STARTUP_HOOKS names this assembly.
/// </summary>
internal static class StartupHook
{
    /// <summary>Names the file that the program's memory map is written to as it ends: all libraries that it has loaded.</summary>
    public const string Maps = "IPUNET_TEST_MAPS";

    /// <summary>Has the program throw where nobody catches: <see cref="OnAThread"/> or <see cref="AsyncVoid"/>.</summary>
    public const string Throws = "IPUNET_TEST_THROWS";

    public const string OnAThread = "thread", AsyncVoid = "async";

    private static readonly TimeSpan Start = TimeSpan.FromSeconds(1), Wait = TimeSpan.FromMinutes(1);

    public static void Initialize()
    {
        if (Environment.GetEnvironmentVariable(Maps) is { } file)
            AppDomain.CurrentDomain.ProcessExit += (_, _) => File.Copy("/proc/self/maps", file);
        // A thread in the foreground: the process lives for as long as it does.
        if (Environment.GetEnvironmentVariable(Throws) is { } kind)
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

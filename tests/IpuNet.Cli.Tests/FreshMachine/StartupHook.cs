// .NET runs it before a program's own code, where DOTNET_STARTUP_HOOKS names this assembly. The name and the namespace are .NET's.
internal static class StartupHook
{
    /// <summary>Names the file that the program's memory map is written to as it ends: all libraries that it has loaded.</summary>
    public const string Variable = "IPUNET_TEST_MAPS";

    public static void Initialize()
    {
        if (Environment.GetEnvironmentVariable(Variable) is { } file)
            AppDomain.CurrentDomain.ProcessExit += (_, _) => File.Copy("/proc/self/maps", file);
    }
}

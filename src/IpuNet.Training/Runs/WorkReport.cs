namespace IpuNet.Training.Runs;

/// <summary>What long work tells while it goes on; one thing at a time, in order.</summary>
public abstract record WorkReport;

/// <summary>How far a part of the work is; a part begins with the first of its reports.</summary>
/// <param name="What">What is counted, such as "faces read".</param>
/// <param name="Done">How many are done.</param>
/// <param name="Total">How many there are; 0 where that is not known yet.</param>
/// <param name="Detail">What else is of interest, such as a speed; null for nothing.</param>
public sealed record PartReport(string What, long Done, long Total, string? Detail = null) : WorkReport;

/// <summary>The part is at its end, done or not.</summary>
public sealed record PartEnd : WorkReport;

/// <summary>A validation of what is trained.</summary>
/// <param name="Result">What it found.</param>
public sealed record ValidationReport(Training.ValidationResult Result) : WorkReport;

/// <summary>Something to be read.</summary>
/// <param name="Importance">What it is.</param>
/// <param name="Text">One line.</param>
public sealed record Message(Importance Importance, string Text) : WorkReport;

/// <summary>What a message is.</summary>
public enum Importance
{
    /// <summary>A result.</summary>
    Result,

    /// <summary>No result, but good to know.</summary>
    Note,

    /// <summary>Something is not as it should be, and the work goes on.</summary>
    Warning,

    /// <summary>Something could not be done.</summary>
    Error,
}

using CsCheck;
using IpuNet.Faces.Reports;

namespace IpuNet.Faces.Tests.Reports;

public sealed class PictureMarksTests
{
    private const string Instead = "Gone & away.";

    [Fact]
    public void Remove_OfAPageOfSeveralPeople_LeavesExactlyTheOthers() => Gen.Select(
        Gen.Int[0, 4].Array[0, 12], Gen.Int[0, 4].HashSet[0, 5]).Sample((people, gone) =>
    {
        HashSet<string> marks = [.. gone.Select(MarkOf)];

        string rest = PictureMarks.Remove(PageOf(people), marks.Contains, Instead, out int removed);

        removed.ShouldBe(people.Count(gone.Contains));
        PictureMarks.In(rest).ShouldBe(people.Where(person => !gone.Contains(person)).Distinct().Select(MarkOf));
        for (int person = 0; person <= 4; person++)
            rest.Contains(Base64Of(person), StringComparison.Ordinal).ShouldBe(people.Contains(person) && !gone.Contains(person));
    });

    [Fact]
    public void Remove_OfNobody_LeavesThePageAsItIs()
    {
        string html = PageOf([1, 2, 1]);

        PictureMarks.Remove(html, _ => false, Instead, out _).ShouldBe(html);
    }

    [Fact]
    public void Remove_OfAPicture_SaysSoInItsPlace() =>
        PictureMarks.Remove(
            PageOf([1]), _ => true, Instead, out _).ShouldContain("<div class=\"grid\">\n<p class=\"note\">Gone &amp; away.</p>\n</div>");

    [Fact]
    public void Remove_OfAPageThatIsCutOff_TakesTheRestForThePicture()
    {
        string html = PageOf([1, 2]), cut = html[..(html.IndexOf(Base64Of(2), StringComparison.Ordinal) + 50)];

        string rest = PictureMarks.Remove(cut, mark => mark == MarkOf(2), Instead, out int removed);

        removed.ShouldBe(1);
        rest.ShouldContain(Base64Of(1));
        rest.ShouldNotContain(Base64Of(2)[..40]);
    }

    [Fact]
    public void In_OfAPageWithTextsThatLookLikeMarks_IsThePicturesOnly()
    {
        string text = $"<!--of {MarkOf(3)}--> <!--end {MarkOf(3)}-->";
        string html = new HtmlPage(text, text).Paragraph(text).Picture(PictureOf(1) with { Description = text, Caption = text }).ToString();

        PictureMarks.In(html).ShouldBe([MarkOf(1)]);
    }

    [Theory]
    [InlineData("ada")]
    [InlineData("--><script>")]
    [InlineData("")]
    public void Picture_WithWhatIsNoMark_Throws(string mark) =>
        Should.Throw<ArgumentException>(
            () => new HtmlPage("x").Picture(PictureOf(1) with { Mark = mark })).Message.ShouldContain("PictureMarks.Of");

    [Fact]
    public void Of_AName_IsItsSha256() =>
        PictureMarks.Of("ada").ShouldBe("fdee430d40bd57deeac186cd9790033d0f06f909a8806e7ce6e717ab7c7d5029");

    private static string PageOf(int[] people) => new HtmlPage("x").Pictures(people.Select(PictureOf)).Section("After").ToString();

    private static ReportPicture PictureOf(int person) => new(DataOf(person), "image/jpeg", "d", MarkOf(person), "c");

    private static string MarkOf(int person) => PictureMarks.Of($"person {person}");

    private static string Base64Of(int person) => Convert.ToBase64String(DataOf(person));

    private static byte[] DataOf(int person)
    {
        byte[] data = new byte[120];
        new Random(person).NextBytes(data);
        return data;
    }
}

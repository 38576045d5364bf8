package io.sluice.cli;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.fields;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaPackage;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import com.tngtech.archunit.library.GeneralCodingRules;
import com.tngtech.archunit.library.dependencies.SliceAssignment;
import com.tngtech.archunit.library.dependencies.SliceIdentifier;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileAttribute;
import java.time.Instant;
import java.util.Set;

/** The rules that every module keeps, a sentence for each. */
@AnalyzeClasses(packages = "io.sluice", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {
  private static final String GENERATED = "io.sluice.proto..";

  /** The words all packages speak; they sit in the root package of backbone and know nothing. */
  private static final Set<String> VOCABULARY =
      Set.of(
          "io.sluice.backbone.Digest",
          "io.sluice.backbone.ErrorCode",
          "io.sluice.backbone.SluiceException");

  /** What importing and the imported form share; over graphs, below both. */
  private static final Set<String> PARTS =
      Set.of(
          "io.sluice.backbone.ContextTensor",
          "io.sluice.backbone.Float16Weights",
          "io.sluice.backbone.GraphNames");

  @ArchTest
  static final ArchRule modules_pointOneWay =
      layeredArchitecture()
          .consideringOnlyDependenciesInLayers()
          .layer("proto")
          .definedBy(GENERATED)
          .layer("backbone")
          .definedBy("io.sluice.backbone..")
          .optionalLayer("cuda") // there in builds by JDK 22 and newer
          .definedBy("io.sluice.cuda..")
          .layer("adapters-registry")
          .definedBy("io.sluice.registry..")
          .layer("trainer")
          .definedBy("io.sluice.trainer..")
          .layer("server")
          .definedBy("io.sluice.server..")
          .optionalLayer("loadtest")
          .definedBy("io.sluice.loadtest..")
          .layer("cli")
          .definedBy("io.sluice.cli..")
          .whereLayer("cli")
          .mayNotBeAccessedByAnyLayer()
          .whereLayer("cuda")
          .mayNotBeAccessedByAnyLayer()
          .whereLayer("trainer")
          .mayOnlyBeAccessedByLayers("cli")
          .whereLayer("server")
          .mayOnlyBeAccessedByLayers("cli")
          .whereLayer("loadtest")
          .mayOnlyBeAccessedByLayers("cli")
          .whereLayer("adapters-registry")
          .mayOnlyBeAccessedByLayers("trainer", "server", "loadtest", "cli")
          .whereLayer("proto")
          .mayOnlyBeAccessedByLayers("server", "loadtest", "cli")
          .because(
              "a bundle must be trainable without a server and servable without a trainer, and wire"
                  + " messages must not shape anything but the wire");

  @ArchTest
  static final ArchRule onnxRuntime_isNamedByBackboneAndDeviceMemoryOnly =
      noClasses()
          .that(not(resideInAnyPackage("io.sluice.backbone..", "io.sluice.cuda..")))
          .should()
          .dependOnClassesThat(resideInAnyPackage("ai.onnxruntime..", "ai.onnx.proto.."))
          .because(
              "native handles, their life time and the ONNX messages are dealt with in one place");

  @ArchTest
  static final ArchRule packages_haveNoCycles =
      slices()
          .assignedFrom(new Packages())
          .should()
          .beFreeOfCycles()
          .because("a package that cannot be understood without its users is not a package");

  @ArchTest
  static final ArchRule standardStreams_belongToTheCommandLine =
      noClasses()
          .that(not(resideInAnyPackage("io.sluice.cli..", GENERATED)))
          .should(GeneralCodingRules.ACCESS_STANDARD_STREAMS)
          .because("a library that prints cannot be used in a pipe, a server or a test");

  @ArchTest
  static final ArchRule server_doesNotReckonWithTheClockOfTheWall =
      noClasses()
          .that()
          .resideInAPackage("io.sluice.server..")
          .and()
          .resideOutsideOfPackage("io.sluice.server.telemetry..")
          .should()
          .callMethod(System.class, "currentTimeMillis")
          .orShould()
          .callMethod(Instant.class, "now")
          .because(
              "that clock jumps: deadlines, rates and waits go by System.nanoTime, and only what is"
                  + " shown to people has a date");

  @ArchTest
  static final ArchRule numbers_areWrittenTheSameInEveryCountry =
      noClasses()
          .that()
          .resideOutsideOfPackage(GENERATED)
          .and()
          .doNotHaveFullyQualifiedName("io.sluice.loadtest.bundle.RandomEncoder") // of texts only
          .should()
          .callMethod(String.class, "format", String.class, Object[].class)
          .orShould()
          .callMethod(String.class, "formatted", Object[].class)
          .orShould()
          .callMethod(String.class, "toLowerCase")
          .orShould()
          .callMethod(String.class, "toUpperCase")
          .because(
              "what they make depends on the user's locale, where digits may be Persian, the"
                  + " decimal point a comma and the lower case of I another letter; Locale.ROOT"
                  + " says so");

  @ArchTest
  static final ArchRule folders_areMadeThroughLinksToo =
      noClasses()
          .that()
          .doNotHaveFullyQualifiedName("io.sluice.backbone.Folders")
          .should()
          .callMethod(Files.class, "createDirectories", Path.class, FileAttribute[].class)
          .because(
              "Java 17 refuses a folder that is a symbolic link, as a store on another disk is");

  @ArchTest
  static final ArchRule files_areReplacedInOneWay =
      noClasses()
          .that()
          .doNotHaveFullyQualifiedName("io.sluice.backbone.DurableFiles")
          .and()
          .doNotHaveFullyQualifiedName("io.sluice.backbone.DirectorySwap") // of whole folders
          .should()
          .accessField(StandardCopyOption.class, "ATOMIC_MOVE")
          .because(
              "a file that takes another's place must be on the disk before it does, and what was"
                  + " half written gone, which each writer by itself would forget");

  @ArchTest
  static final ArchRule staticFields_areFinal =
      fields()
          .that()
          .areStatic()
          .and()
          .areDeclaredInClassesThat()
          .resideOutsideOfPackage(GENERATED)
          .and()
          .areNotDeclaredIn("io.sluice.backbone.runtime.OnnxRuntime")
          .should()
          .beFinal()
          .because(
              "state of the process is state no test can reset and no caller can see; ONNX"
                  + " Runtime's environment is such a state by its nature, and the only one");

  @ArchTest
  static final ArchRule packages_explainThemselves =
      classes()
          .that()
          .resideOutsideOfPackage(GENERATED)
          .should(haveAPackageInfo())
          .because("a reader meets a package before its classes, and nullness is declared there");

  @ArchTest
  static final ArchRule names_sayWhatThingsAre =
      noClasses()
          .that()
          .resideOutsideOfPackage(GENERATED)
          .should()
          .haveNameMatching(".*(Util|Utils|Helper|Manager|Impl)")
          .because("such a name says that nobody has decided what the class is");

  private static ArchCondition<JavaClass> haveAPackageInfo() {
    return new ArchCondition<>("be in a package with a @NullMarked package-info") {
      @Override
      public void check(JavaClass checked, ConditionEvents events) {
        JavaPackage home = checked.getPackage();
        boolean marked =
            home.tryGetPackageInfo()
                .map(info -> info.isAnnotatedWith("org.jspecify.annotations.NullMarked"))
                .orElse(false);
        if (!marked) {
          events.add(
              SimpleConditionEvent.violated(
                  checked, home.getName() + ": no @NullMarked package-info (expected: one)"));
        }
      }
    };
  }

  /** Every package is a slice of its own, and so are the words all of them speak. */
  private static final class Packages implements SliceAssignment {
    @Override
    public SliceIdentifier getIdentifierOf(JavaClass sliced) {
      if (sliced.getPackageName().startsWith("io.sluice.proto")) {
        return SliceIdentifier.ignore();
      }
      String name = outermost(sliced).getName();
      if (VOCABULARY.contains(name)) {
        return SliceIdentifier.of("vocabulary");
      }
      return SliceIdentifier.of(PARTS.contains(name) ? "parts" : sliced.getPackageName());
    }

    @Override
    public String getDescription() {
      return "packages";
    }

    private static JavaClass outermost(JavaClass inner) {
      return inner.getEnclosingClass().map(Packages::outermost).orElse(inner);
    }
  }
}
